import { X509Certificate } from "node:crypto";
import type { Host } from "../settings/settings";

/** What a host is to trust, beside its own settings. */
export interface TrustVariables {
  /** Name of the stack: in the names of files, and in markers. */
  readonly stack: string;
  /** `hostname:port` of the registry. */
  readonly registry: string;
  /** The CA's certificate, PEM; absent where it is not known yet. */
  readonly authority?: string;
  /** Password of `dockerLogin.user`. */
  readonly password?: string;
}

/**
 * Which host of the settings a record on a machine belongs to. After a change of its name or address the machine is in
 * the state twice for a while: under the old identity, whose removal must not undo what the new one has installed.
 */
export function identityOf({ name, address, port }: Pick<Host, "name" | "address" | "port">): string {
  return `${name} ${address}:${port}`;
}

/** The variables that host/*.sh reads, as assignments in POSIX sh. Secret where there is a password. */
export function renderVariables(
  host: Host,
  { stack, registry, authority, password }: TrustVariables,
): string {
  const { dockerProxy: proxy, dockerLogin: login } = host;
  const hostname = registry.replace(/:\d+$/, "");
  const variables = {
    stack,
    owner: identityOf(host),
    name: registry,
    // In the form that every store writes it in: lines of 64 characters, nothing before or after.
    pem: authority === undefined ? "" : new X509Certificate(authority).toString().trimEnd(),
    address: host.registryAddress ?? "",
    proxy: proxy?.url ?? "",
    no_proxy: proxy === undefined ? "" : ["localhost", "127.0.0.1", hostname, ...proxy.noProxy].join(","),
    login_user: login?.user ?? "",
    login_password: login === undefined ? "" : (password ?? ""),
    login_account: login?.account ?? "root",
    restart: host.restartDocker ? "yes" : "",
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join("");
}

/** A word of POSIX sh, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
