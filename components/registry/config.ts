import { stringify } from "yaml";

/** Where things are inside of the registry's container, and what listens there. */
export const registryLayout = {
  storage: "/var/lib/registry",
  files: "/etc/registry",
  configFile: "config.yml",
  port: 5000,
  /** Health and Prometheus metrics; reachable on the private network only. */
  debugPort: 5001,
} as const;

export interface RegistryConfigInput {
  /** Signs the state of uploads; every container of one registry must have the same. */
  readonly httpSecret: string;
}

/** How long a container that is to leave finishes what it has begun, in seconds. */
export const DRAIN_SECONDS = 60;

/**
 * `config.yml` of distribution v3.
 *
 * Source: https://distribution.github.io/distribution/about/configuration/
 */
export function renderRegistryConfig({ httpSecret }: RegistryConfigInput): string {
  return stringify({
    version: 0.1,
    log: { level: "warn", formatter: "json", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: registryLayout.storage },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
      maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
    },
    http: {
      addr: `:${registryLayout.port}`,
      secret: httpSecret,
      draintimeout: `${DRAIN_SECONDS}s`,
      headers: { "X-Content-Type-Options": ["nosniff"] },
      debug: { addr: `:${registryLayout.debugPort}`, prometheus: { enabled: true, path: "/metrics" } },
    },
    health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
  });
}
