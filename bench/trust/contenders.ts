import * as fs from "node:fs";
import * as path from "node:path";
import { renderKnownHosts, renderSshConfig } from "../../components/trust/connection";
import { renderVariables } from "../../components/trust/host-variables";
import type { Host } from "../../components/settings/settings";
import { config } from "../../test/support/settings";
import { writeProgram } from "./program";

/** One way to have hosts trust the registry: a command, and the folder it runs in. */
export interface Contender {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Bench {
  readonly folder: string;
  /** Where sockets of open connections are. */
  readonly runtime: string;
  readonly hosts: readonly Host[];
  readonly registry: string;
  readonly authority: string;
  readonly key: string;
}

const HOST_FOLDER = path.join("components", "trust", "host");
const HOST_SCRIPT = fs
  .readdirSync(HOST_FOLDER)
  .map((name) => fs.readFileSync(path.join(HOST_FOLDER, name), "utf8"))
  .join("");

/** What runs on hosts, as on-host.sh sends it. */
function hostScript({ hosts: [host], registry, authority }: Bench): string {
  if (host === undefined) throw new Error("no hosts");
  return `${renderVariables(host, { stack: "bench", registry, authority })}${HOST_SCRIPT}main install g1\n`;
}

/** `pulumi up` of the real components. */
export function ours(bench: Bench): Contender {
  const [hostname = "", port = ""] = bench.registry.split(":");
  const cwd = path.join(bench.folder, `program-${bench.hosts.length}`);
  const users = [{ name: "ci", access: "push" }];
  const hosts = bench.hosts.map((host) => ({ ...host, privateKey: bench.key }));
  writeProgram(cwd, config({ hostname, port: Number(port), users, hosts }), bench.authority);
  const root = process.cwd();
  const pulumi = ["node", path.join(root, "engine", "bin", "pulumi.mjs")] as const;
  return {
    name: "this program (`up`)",
    command: [...pulumi, "up", "--stack", "bench", "--yes", "--skip-preview"],
    cwd,
    env: {
      PULUMI_BACKEND_URL: `file://${cwd}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_PARALLEL: "20",
      XDG_RUNTIME_DIR: bench.runtime,
    },
  };
}

/** The limit: one ssh a host, all at once, with the same script. */
export function parallelSsh(bench: Bench): Contender {
  const cwd = path.join(bench.folder, "ssh");
  fs.mkdirSync(cwd);
  fs.writeFileSync(path.join(cwd, "key"), bench.key, { mode: 0o600 });
  fs.writeFileSync(path.join(cwd, "script"), hostScript(bench));
  for (const host of bench.hosts) {
    const folder = path.join(cwd, host.name);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, "known_hosts"), renderKnownHosts(host));
    fs.writeFileSync(
      path.join(folder, "config"),
      `${renderSshConfig(host, "own")}  IdentityFile ${cwd}/key\n`,
    );
  }
  const one = `cd "$1" && ssh -F config target 'sh -c '\\''eval "$(cat)"'\\' <../script >out 2>&1`;
  const names = bench.hosts.map(({ name }) => name).join("\n");
  const all = `printf '%s\n' '${names}' | xargs -P 20 -I HOST sh -c '${one.replaceAll("'", "'\\''")}' - HOST`;
  return { name: "parallel ssh, same script", command: ["sh", "-c", all], cwd, env: {} };
}

/**
 * Ansible with 20 forks: its own modules, or one task with our script; as it is installed, or with `pipelining`, which
 * saves it a file transfer a task and does not go together with sudo's requiretty.
 */
export function ansible(bench: Bench, tasks: "modules" | "script", pipelining: boolean): Contender {
  const cwd = path.join(bench.folder, `ansible-${tasks}-${pipelining}`);
  fs.mkdirSync(cwd);
  const write = (name: string, text: string) => {
    fs.writeFileSync(path.join(cwd, name), text, { mode: 0o600 });
  };
  write("key", bench.key);
  write("ca.crt", bench.authority);
  write("script.sh", hostScript(bench));
  write("known_hosts", bench.hosts.map(({ address, hostKey }) => `${address} ${hostKey ?? ""}\n`).join(""));
  write("inventory", bench.hosts.map(({ name, address }) => `${name} ansible_host=${address}\n`).join(""));
  const ssh =
    "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=known_hosts -o IdentitiesOnly=yes";
  write(
    "ansible.cfg",
    [
      "[defaults]\nforks=20\ninventory=inventory\nremote_user=root\nprivate_key_file=key\ngathering=explicit",
      `interpreter_python=/usr/bin/python3\n[ssh_connection]\npipelining=${pipelining}\nssh_args=${ssh}\n`,
    ].join("\n"),
  );
  write("playbook.yml", tasks === "script" ? SCRIPT_PLAYBOOK : modulesPlaybook(bench.registry));
  return {
    name: `Ansible, ${tasks === "script" ? "one task with our script" : "five tasks"}${pipelining ? ", pipelining" : ""}`,
    command: [process.env["ANSIBLE"] ?? "ansible-playbook", "playbook.yml"],
    cwd,
    env: { ANSIBLE_CONFIG: path.join(cwd, "ansible.cfg") },
  };
}

const SCRIPT_PLAYBOOK = `
- hosts: all
  tasks:
    - ansible.builtin.script: script.sh
`;

/** Anchor, extraction when it changed, Docker's folder and file, proof. */
const modulesPlaybook = (registry: string) => `
- hosts: all
  tasks:
    - ansible.builtin.copy: { src: ca.crt, dest: /etc/pki/ca-trust/source/anchors/private-registry.crt, mode: "0644" }
      register: anchor
    - ansible.builtin.command: update-ca-trust extract
      when: anchor.changed
    - ansible.builtin.file: { path: "/etc/docker/certs.d/${registry}", state: directory, mode: "0755" }
    - ansible.builtin.copy: { src: ca.crt, dest: "/etc/docker/certs.d/${registry}/ca.crt", mode: "0644" }
    - ansible.builtin.uri: { url: "https://${registry}/v2/", status_code: 401, use_proxy: false }
`;
