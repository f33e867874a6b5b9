import type { ConnectConfig, ParsedKey } from "ssh2";
import { isPropertyMap, type PropertyMap } from "../../values/value";
import { ssh2 } from "../lazily";
import type { CheckFailure } from "../provider";
import { shapeFaults, type Shape } from "../shape";
import { number, text } from "./inputs";
import { usableKey } from "./ssh-key";

const endpointShape: Shape = {
  agentSocketPath: { kind: "text" },
  dialErrorLimit: { kind: "number" },
  host: { kind: "text", required: true },
  hostKey: { kind: "text" },
  password: { kind: "text" },
  perDialTimeout: { kind: "number" },
  port: { kind: "number" },
  privateKey: { kind: "text" },
  privateKeyPassword: { kind: "text" },
  user: { kind: "text" },
};
const connectionShape: Shape = { ...endpointShape, proxy: { kind: "map" } };

/** One machine to log in to: the host, or the bastion before it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Everything ssh2 needs besides host and port. */
  readonly login: ConnectConfig;
  /** Attempts that may fail before the error counts; -1: any number. */
  readonly dialErrorLimit: number;
}

/** What is wrong with `connection`, its bastion and the keys in both. A value not known yet is right. */
export function connectionFaults({ connection }: PropertyMap): readonly CheckFailure[] {
  if (!isPropertyMap(connection)) return [];
  const { proxy } = connection;
  return [
    ...faultsAt("connection", connectionShape, connection),
    ...(isPropertyMap(proxy) ? faultsAt("connection.proxy", endpointShape, proxy) : []),
  ];
}

/** The host, and the bastion it is reached through. Fails where a key cannot be read: no attempt would help. */
export function endpoints({ connection }: PropertyMap): {
  readonly host: Endpoint;
  readonly proxy?: Endpoint;
} {
  if (!isPropertyMap(connection)) throw new Error("connection is missing");
  const { proxy } = connection;
  const host = endpoint(connection);
  return isPropertyMap(proxy) ? { host, proxy: endpoint(proxy) } : { host };
}

function faultsAt(path: string, shape: Shape, properties: PropertyMap): CheckFailure[] {
  const faults = shapeFaults(shape, properties).map(({ property, reason }) => ({
    property: `${path}.${property}`,
    reason,
  }));
  const hostKey = text(properties, "hostKey");
  if (hostKey === undefined || parsedHostKey(hostKey) !== undefined) return faults;
  const reason = `takes a line as ssh-keyscan prints it, without the host's name: "ssh-ed25519 AAAA…"`;
  return [...faults, { property: `${path}.hostKey`, reason }];
}

function endpoint(properties: PropertyMap): Endpoint {
  const hostKey = text(properties, "hostKey");
  return {
    host: text(properties, "host") ?? "",
    port: number(properties, "port") ?? 22,
    dialErrorLimit: number(properties, "dialErrorLimit") ?? 10,
    login: {
      username: text(properties, "user") ?? "root",
      // For the whole of it, until the login is through: a host that accepts and then says nothing would hold us up.
      readyTimeout: (number(properties, "perDialTimeout") ?? 15) * 1000,
      // A host that is gone while a command runs is noticed within a minute and a half.
      keepaliveInterval: 15_000,
      keepaliveCountMax: 5,
      ...(hostKey === undefined ? {} : hostKeyCheck(hostKey)),
      ...credentials(properties),
    },
  };
}

/** Without one, any key is accepted, as the real plugin does. */
function hostKeyCheck(line: string): Pick<ConnectConfig, "algorithms" | "hostVerifier"> {
  const key = parsedHostKey(line);
  if (key === undefined) throw new Error("failed to parse host key");
  const expected = key.getPublicSSH();
  // The same RSA key signs with SHA-2 where the host can: servers of today refuse SHA-1.
  const serverHostKey =
    key.type === "ssh-rsa" ? (["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] as const) : [key.type];
  return {
    algorithms: { serverHostKey: [...serverHostKey] as never },
    hostVerifier: (found: Buffer) => found.equals(expected),
  };
}

function parsedHostKey(line: string): ParsedKey | undefined {
  const key = ssh2().utils.parseKey(line.trim());
  return key instanceof Error || Array.isArray(key) || key.isPrivateKey() ? undefined : key;
}

/** In the real plugin's order. An agent only where there is no key: the real one, too, never asks it after a key. */
function credentials(properties: PropertyMap): ConnectConfig {
  const privateKey = text(properties, "privateKey");
  const password = text(properties, "password");
  const agent = text(properties, "agentSocketPath") ?? process.env["SSH_AUTH_SOCK"] ?? "";
  const asksAgent = privateKey === undefined && agent !== "";
  return {
    ...(privateKey === undefined ? {} : usableKey(privateKey, text(properties, "privateKeyPassword"))),
    ...(password === undefined ? {} : { password, tryKeyboard: true }),
    ...(asksAgent ? { agent } : {}),
    authHandler: [
      "none",
      ...(privateKey === undefined ? [] : ["publickey" as const]),
      ...(password === undefined ? [] : ["password" as const, "keyboard-interactive" as const]),
      ...(asksAgent ? ["agent" as const] : []),
    ],
  };
}
