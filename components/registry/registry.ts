import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { hardened, logRotation } from "../docker-host/container-options";
import type { DeploymentNames, DockerHost } from "../docker-host/docker-host";
import { RevisionedFiles } from "../docker-host/revisioned-files";
import { DRAIN_SECONDS, registryLayout, renderRegistryConfig } from "./config";

export interface RegistryArgs {
  readonly host: DockerHost;
  readonly names: DeploymentNames;
  /** Name of the private network; the registry publishes no port. */
  readonly network: pulumi.Input<string>;
}

/**
 * The registry itself: distribution v3 on a private network, images in `dataPath` on the Docker host.
 *
 * A change of its config or image starts a new container beside the old one, which then finishes what it has
 * begun: uploads go through both.
 *
 * ```ts
 * const registry = new Registry("registry", { host, names, network: network.name });
 * ```
 */
export class Registry extends pulumi.ComponentResource {
  /** Where the gateway finds it on the private network: `name:port`. */
  readonly upstream: string;
  /** Where its Prometheus metrics are on that network: `name:port`. */
  readonly metrics: string;
  /** What to depend on for the registry to answer. */
  readonly container: docker.Container;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:registry:Registry", name, {}, opts);
    const { host } = args;
    const alias = "registry";
    const httpSecret = new random.RandomBytes(`${name}-http-secret`, { length: 32 }, { parent: this });
    const files = new RevisionedFiles(
      `${name}-files`,
      {
        host,
        volume: args.names.registryFiles,
        files: {
          [registryLayout.configFile]: httpSecret.hex.apply((secret) =>
            renderRegistryConfig({ httpSecret: secret }),
          ),
        },
        owner: host.dataOwner,
        generation: host.generations.registry,
      },
      { parent: this },
    );
    // No fixed name: the old and the new one stand side by side during a handover. Pulumi adds a suffix to this one.
    this.container = new docker.Container(
      `${args.names.prefix}-registry`,
      {
        image: host.images.registry,
        entrypoints: ["/bin/registry"],
        command: [
          "serve",
          pulumi.interpolate`${registryLayout.files}/${files.revision}/${registryLayout.configFile}`,
        ],
        user: host.dataOwner,
        envs: ["OTEL_TRACES_EXPORTER=none"],
        networksAdvanced: [{ name: args.network, aliases: [alias] }],
        volumes: [
          { hostPath: host.dataPath, containerPath: registryLayout.storage },
          { volumeName: files.volume, containerPath: registryLayout.files, readOnly: true },
        ],
        tmpfs: { "/tmp": "" },
        healthcheck: {
          tests: [
            "CMD",
            "/bin/busybox",
            "wget",
            "-q",
            "-O",
            "/dev/null",
            `http://127.0.0.1:${registryLayout.debugPort}/debug/health`,
          ],
          ...hardened.healthcheckTimes,
        },
        ...hardened.options,
        ...logRotation,
        wait: true,
        waitTimeout: 60,
        stopTimeout: DRAIN_SECONDS,
        destroyGraceSeconds: DRAIN_SECONDS,
      },
      { parent: this, dependsOn: [files.written], deleteBeforeReplace: false, replaceOnChanges: ["mounts"] },
    );
    this.upstream = `${alias}:${registryLayout.port}`;
    this.metrics = `${alias}:${registryLayout.debugPort}`;
    this.registerOutputs({ upstream: this.upstream });
  }
}
