import type Docker from "dockerode";
import type { PropertyMap, Value } from "../../values/value";
import { dockerode } from "../lazily";
import type { CheckFailure } from "../provider";
import { closest } from "./bridge/closest";
import { installPulumi } from "./bridge/inputs";
import { DialStdioAgent } from "./dial-stdio";

const defaultHost = "unix:///var/run/docker.sock";
const known = ["host", "sshOpts"];
const leftOut = [
  "caMaterial",
  "certMaterial",
  "certPath",
  "context",
  "disableDockerDaemonCheck",
  "keyMaterial",
  "registryAuth",
];
/** The engine's own, in the inputs of every provider resource. */
const reserved = ["version", "pluginDownloadURL", "__internal"];

/** What of a provider's configuration cannot be honoured: all of it at once. */
export function connectionFaults(inputs: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const name of Object.keys(inputs)) {
    if (known.includes(name) || reserved.includes(name) || inputs[name] === null) continue;
    const near = closest(name, known);
    const reason = leftOut.includes(name)
      ? `is not in the embedded engine: ${installPulumi}`
      : `is not known${near === undefined ? "" : `; did you mean "${near}"?`}`;
    failures.push({ property: name, reason });
  }
  const host = inputs["host"];
  if (typeof host === "string" && !/^(unix:\/\/\/|tcp:\/\/|ssh:\/\/)./.test(host)) {
    failures.push({
      property: "host",
      reason: `must be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST, not ${JSON.stringify(host)}`,
    });
  }
  return failures;
}

/** A client for the Docker engine that a provider's configuration names (`host`, `DOCKER_HOST`, local socket). */
export function connect(inputs: PropertyMap): Docker {
  const given = inputs["host"] ?? process.env["DOCKER_HOST"];
  const host = typeof given === "string" && given !== "" ? given : defaultHost;
  if (host.startsWith("unix://")) return client({ socketPath: host.slice("unix://".length) });
  const url = new URL(host);
  if (url.protocol === "tcp:") return client({ host: url.hostname, port: Number(url.port || 2375) });
  if (url.protocol !== "ssh:")
    throw new Error(`The Docker host ${JSON.stringify(host)} is none of unix, tcp, ssh.`);
  const user = url.username === "" ? "" : `${decodeURIComponent(url.username)}@`;
  const port = url.port === "" ? undefined : Number(url.port);
  const agent = new DialStdioAgent(`${user}${url.hostname}`, port, sshOptions(inputs["sshOpts"]));
  return client({ host: "docker", port: 80, agent });
}

interface Address {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly agent?: DialStdioAgent;
}

/** What is not in `address` is nowhere else: dockerode would look into the environment for it. */
function client(address: Address): Docker {
  const nothing = { host: undefined, socketPath: undefined, key: undefined, cert: undefined, ca: undefined };
  return new (dockerode())({ ...nothing, protocol: "http", ...address });
}

/** `sshOpts` reaches a provider as JSON text, as every provider option that is not text does. */
function sshOptions(value: Value | undefined): readonly string[] {
  const parsed: unknown = typeof value === "string" && value.startsWith("[") ? JSON.parse(value) : value;
  if (Array.isArray(parsed)) return parsed.map(String);
  const environment = process.env["DOCKER_SSH_OPTS"];
  return environment === undefined ? [] : environment.split(/\s+/).filter((part) => part !== "");
}
