import { createHash } from "node:crypto";
import type { Host, Settings } from "../settings/settings";
import { LOCAL } from "../settings/hosts";

type Machine = Pick<Host, "address" | "port" | "user" | "hostKey">;

/** Seconds for TCP, the server's banner and the key exchange, all together. */
const CONNECT_SECONDS = 10;

/**
 * The ssh_config for one host, complete: nothing of the user's or the machine's own counts. known_hosts lies beside
 * it, in the folder where ssh is started.
 */
export function renderSshConfig(host: Host, keys: "given" | "own"): string {
  const target = machine("target", host);
  const jump = host.bastion === undefined ? [] : ["  ProxyJump bastion"];
  const bastion = host.bastion === undefined ? [] : machine("bastion", host.bastion);
  const common = [
    "Host *",
    "  UserKnownHostsFile known_hosts",
    "  GlobalKnownHostsFile /dev/null",
    "  StrictHostKeyChecking yes",
    "  CheckHostIP no",
    "  UpdateHostKeys no",
    "  BatchMode yes",
    "  PreferredAuthentications publickey",
    // The agent has them: ~/.ssh is none of our business then.
    ...(keys === "given" ? ["  IdentityFile none"] : []),
    `  ConnectTimeout ${CONNECT_SECONDS}`,
    "  ConnectionAttempts 1",
    // A connection that has died without a word ends after 15 seconds.
    "  ServerAliveInterval 5",
    "  ServerAliveCountMax 2",
    "  LogLevel ERROR",
  ];
  return [...target, ...jump, ...bastion, ...common, ""].join("\n");
}

function machine(alias: string, { address, port, user, hostKey }: Machine): string[] {
  // CentOS 6 signs with SHA-1 alone. Its key is pinned, so nobody can make use of that.
  const old = hostKey?.startsWith("ssh-rsa ") === true;
  return [
    `Host ${alias}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${user}`,
    `  HostKeyAlias ${alias}`,
    ...(old ? ["  HostKeyAlgorithms +ssh-rsa", "  PubkeyAcceptedKeyTypes +ssh-rsa"] : []),
  ];
}

/** The host's key and the bastion's, by their names in the ssh_config. */
export function renderKnownHosts(host: Host): string {
  const line = (alias: string, key: string | undefined) =>
    key === undefined ? "" : `${alias} ${key.trim().split(/\s+/).slice(0, 2).join(" ")}\n`;
  return line("target", host.hostKey) + line("bastion", host.bastion?.hostKey);
}

/** Where on-host.sh finds a host: its environment, and the beginning of its stdin, which holds the keys. */
export interface Connection {
  readonly environment: Readonly<Record<"HOST" | "TARGET" | "USER_" | "KEYS" | "CONNECTION", string>>;
  /** Secret. */
  readonly stdin: string;
}

export function connectionTo(host: Host, { sshPrivateKey }: Pick<Settings, "sshPrivateKey">): Connection {
  const local = host.address === LOCAL;
  const own = host.privateKey ?? sshPrivateKey;
  const ofBastion = host.bastion?.privateKey ?? sshPrivateKey ?? host.privateKey;
  const wanted = host.bastion === undefined ? [own] : [own, ofBastion];
  const keys = local ? [] : [...new Set(wanted.filter((key) => key !== undefined))];
  const mode = keys.length > 0 ? "given" : "own";
  const section = (text: string) => `${text.replace(/\n*$/, "\n")}.\n`;
  const stdin = [
    ...keys.map(section),
    ".\n",
    section(renderKnownHosts(host)),
    section(local ? "" : renderSshConfig(host, mode)),
  ].join("");
  return {
    environment: {
      ...{ HOST: host.name, TARGET: local ? "local" : "ssh", USER_: host.user, KEYS: mode },
      CONNECTION: local ? "" : createHash("sha256").update(stdin).digest("hex").slice(0, 32),
    },
    stdin,
  };
}
