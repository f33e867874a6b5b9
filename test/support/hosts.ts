import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { connectionTo } from "../../components/trust/connection";
import { renderVariables } from "../../components/trust/host-variables";
import { parseAnswer, type Answer } from "../../components/trust/on-host";
import type { Host } from "../../components/settings/settings";
import { parse } from "./settings";
import type { TrustTarget } from "./trust-target";
import { must, run, until, type Result } from "./run";

export type Family = "debian" | "el6" | "el7" | "el9" | "suse" | "alpine" | "engines" | "python" | "systemd";

/** As in the settings. */
export interface HostSettings {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
  readonly user?: string;
  readonly port?: number;
}

/** Why hosts cannot be made here, or nothing. Builds the images that are missing. */
export async function noHosts(...families: Family[]): Promise<string | undefined> {
  for (const tool of ["docker", "ssh", "ssh-agent", "ssh-keygen"]) {
    const found = await run("sh", ["-c", `command -v ${tool}`]);
    if (found.code !== 0) return `no ${tool}`;
  }
  for (const family of families) {
    const built = await run("test/hosts/build.sh", [family]);
    if (built.code === 3) return built.output.trim();
    if (built.code !== 0) throw new Error(built.output);
  }
  return undefined;
}

/** Hosts with real sshd, as containers; `remove` takes all of them away. */
export class TestHosts {
  readonly prefix = `regtest-host-${randomBytes(4).toString("hex")}`;
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), `${this.prefix}-`));
  /** Private key that every account takes. */
  readonly key: string;
  private readonly publicKey: string;

  constructor() {
    [this.key, this.publicKey] = this.keyPair("key");
  }

  /** A private key and its public one. */
  keyPair(name: string, ...options: string[]): [string, string] {
    const file = path.join(this.folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file, ...options]);
    return [fs.readFileSync(file, "utf8"), fs.readFileSync(`${file}.pub`, "utf8")];
  }

  async start(family: Family, name: string = family, ...options: string[]): Promise<TestHost> {
    const image = await must("test/hosts/build.sh", [family]);
    const container = `${this.prefix}-${name}`;
    await must("docker", ["create", "--name", container, "--hostname", name, ...options, image]);
    const authorized = family === "alpine" ? "/root/.ssh/authorized_keys" : "/etc/ssh/authorized_keys";
    const tar = path.join(this.folder, `${name}.tar`);
    fs.writeFileSync(path.join(this.folder, "authorized_keys"), this.publicKey, { mode: 0o644 });
    execFileSync("tar", [
      ...["-C", this.folder, "--owner=0", "--group=0", "--mode=0644", "-cf", tar, "authorized_keys"],
    ]);
    execFileSync("docker", ["cp", "-", `${container}:${path.dirname(authorized)}`], {
      input: fs.readFileSync(tar),
    });
    await must("docker", ["start", container]);
    const host = new TestHost(container, name);
    await this.settle(host);
    return host;
  }

  /** Finds out its address and waits for its sshd. */
  private async settle(host: TestHost): Promise<void> {
    host.address = await must("docker", [
      ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", host.container],
    ]);
    await until(`${host.name} listens`, async () => (await host.scan()) !== "");
  }

  /** Stops everything on the host for so many seconds, as a machine that hangs does. */
  async pause({ container }: TestHost, seconds: number): Promise<void> {
    await must("docker", ["pause", container]);
    await new Promise((done) => setTimeout(done, seconds * 1000));
    await must("docker", ["unpause", container]);
  }

  async stop({ container }: TestHost): Promise<void> {
    await must("docker", ["rm", "--force", "--volumes", container]);
  }

  async remove(): Promise<void> {
    const found = await must("docker", ["ps", "--all", "--quiet", "--filter", `name=${this.prefix}`]);
    if (found !== "") await run("docker", ["rm", "--force", "--volumes", ...found.split("\n")]);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

export class TestHost {
  private key: string | undefined;

  constructor(
    readonly container: string,
    readonly name: string,
    public address = "",
  ) {}

  /** The host's public key, as a person would get it. */
  async scan(): Promise<string> {
    const { stdout } = await run("ssh-keyscan", ["-t", "ed25519,ecdsa", this.address]);
    this.key = /^\S+ ((?:ssh-ed25519|ecdsa-sha2-nistp\d+) \S+)/m.exec(stdout)?.[1];
    return this.key ?? "";
  }

  get settings(): HostSettings {
    return { name: this.name, address: this.address, hostKey: this.key ?? "" };
  }

  /** A shell command on it, as root and past SSH. */
  sh(script: string): Promise<Result> {
    return run("docker", ["exec", this.container, "sh", "-c", script]);
  }

  /** Puts a script before a tool of the host; `$real` in it is the tool itself. */
  async wrap(tool: string, script: string): Promise<void> {
    const text = Buffer.from(
      `#!/bin/sh\nreal=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${tool})\n${script}\n`,
    );
    const file = `/usr/local/bin/${tool}`;
    await this.must(`echo ${text.toString("base64")} | base64 -d >${file} && chmod 755 ${file}`);
  }

  /** Takes them all away again. */
  async unwrap(): Promise<void> {
    await this.must("/bin/rm -f /usr/local/bin/*");
  }

  async must(script: string): Promise<string> {
    const result = await this.sh(script);
    if (result.code !== 0) throw new Error(`${this.name}: ${script}: ${result.output}`);
    return result.stdout;
  }

  /**
   * Every file, link and folder under /etc, /var/lib and /usr/local, with mode, owner and contents. Java's store is
   * left out, for it carries times; and what the host itself writes while it runs.
   */
  async snapshot(): Promise<string[]> {
    const left = [
      ...[
        "etc/pki/ca-trust/extracted/java*",
        "var/lib/docker*",
        "var/lib/containerd*",
        "var/lib/containers*",
      ],
      ...["etc/mtab", "etc/resolv.conf", "etc/docker/key.json", "var/lib/dpkg*", "etc/cni*"],
    ];
    const find = `find etc usr/local var/lib root ${left.map((name) => `! -path '${name}'`).join(" ")}`;
    const all = await this.must(
      `cd / && ${find} -exec stat -c '%a %u:%g %N' {} + && ${find} -type f -exec sha256sum {} +`,
    );
    return all.split("\n").sort();
  }
}

export interface Asked {
  readonly target: TrustTarget;
  readonly key?: string;
  readonly generation?: string;
  readonly extra?: Partial<Host>;
  readonly env?: Readonly<Record<string, string>>;
  readonly password?: string;
  readonly stack?: string;
}

/** What the program would do with a host: on-host.sh with what connectionTo and renderVariables make of it. */
export async function onHost(
  host: TestHost,
  verb: "install" | "add" | "remove" | "probe" | "verify",
  { target, key, generation = "g1", extra = {}, env = {}, password = "", stack = "test" }: Asked,
  command: readonly string[] = ["components/trust/on-host.sh"],
): Promise<Result & { readonly answer: Answer }> {
  const [settings] = parse({
    hosts: [{ registryAddress: target.ip, ...host.settings, ...extra }],
    users: [{ name: "ci", access: "push" }],
  }).hosts;
  if (settings === undefined) throw new Error("no host");
  const { environment, stdin } = connectionTo(settings, { sshPrivateKey: key });
  const variables = { stack, registry: target.registry, authority: target.ca.certificate, password };
  const result = await run("sh", [...command, verb], {
    env: { ...environment, GENERATION: generation, ...env },
    input: stdin + renderVariables(settings, variables),
  });
  return { ...result, answer: parseAnswer(result.stdout) };
}
