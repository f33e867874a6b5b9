import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "yaml";

const CHECKOUT = path.resolve(__dirname, "../..");

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as a person sees them. */
  readonly output: string;
}

export interface Outputs {
  readonly url: string;
  readonly address: string;
  readonly certificateExpires: string;
  readonly caCertificate: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, unknown>>;
}

/**
 * A copy of this checkout with a stack of its own: what a user has after `git clone`, in a folder of the test's,
 * with names and a port that nobody else has. `remove` takes everything away, whatever state it is in.
 */
export class Deployment {
  readonly stack = `t${randomBytes(4).toString("hex")}`;
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-deployment-"));
  readonly prefix = `private-registry-${this.stack}`;
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    this.env = {
      ...withoutPulumi(process.env),
      STACK: this.stack,
      PULUMI_ENGINE: process.env["PULUMI_ENGINE"] ?? "embedded",
      // A home without a login of this machine's user.
      PULUMI_HOME: path.join(this.folder, ".pulumi-home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  }

  /** Copies the checkout: what git tracks or would track, as it is in the work tree. */
  async prepare(): Promise<this> {
    const listing = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
      cwd: CHECKOUT,
    });
    for (const file of listing.stdout
      .split("\n")
      .filter((name) => name !== "" && fs.existsSync(path.join(CHECKOUT, name)))) {
      const target = path.join(this.folder, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.copyFileSync(path.join(CHECKOUT, file), target);
    }
    // Hard links: as quick as a symbolic link, and an `npm ci` in here takes nothing away over there.
    await must("cp", ["-al", path.join(CHECKOUT, "node_modules"), this.file("node_modules")]);
    fs.utimesSync(this.file("node_modules", ".package-lock.json"), new Date(), new Date());
    await must("node", ["scripts/stack-file.mjs", this.stack], { cwd: this.folder });
    this.edit("port", await freePort());
    return this;
  }

  file(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  read(...parts: string[]): string {
    return fs.readFileSync(this.file(...parts), "utf8");
  }

  get settingsFile(): string {
    return this.file(`Pulumi.${this.stack}.yaml`);
  }

  get stateFile(): string {
    return this.file(".state", ".pulumi", "stacks", "private-registry", `${this.stack}.json`);
  }

  /** The files by which runs keep each other out. */
  locks(): string[] {
    const folder = this.file(".state", ".pulumi", "locks", "organization", "private-registry", this.stack);
    return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  }

  get dataPath(): string {
    return this.file(".state", this.stack, "data");
  }

  make(target: string, ...args: string[]): Promise<Result> {
    return run("make", ["--no-print-directory", target, ...args], { cwd: this.folder, env: this.env });
  }

  /** For a run that the test wants to watch or to kill. */
  start(target: string): ChildProcess {
    return spawn("make", ["--no-print-directory", target], {
      cwd: this.folder,
      env: this.env,
      detached: true,
    });
  }

  pulumi(...args: string[]): Promise<Result> {
    return run("./pulumiw", [...args, "--stack", this.stack], { cwd: this.folder, env: this.env });
  }

  async set(key: string, value: string, ...flags: string[]): Promise<void> {
    const result = await this.pulumi("config", "set", ...flags, `private-registry:${key}`, value);
    if (result.code !== 0) throw new Error(`config set ${key}: ${result.output}`);
  }

  /** A change of the settings file with an editor, so to speak: without a run of Pulumi. */
  edit(key: string, value: unknown): void {
    const document = yaml.parseDocument(fs.readFileSync(this.settingsFile, "utf8"));
    document.setIn(["config", `private-registry:${key}`], value);
    fs.writeFileSync(this.settingsFile, document.toString());
  }

  async outputs(): Promise<Outputs> {
    const result = await this.pulumi("stack", "output", "--json", "--show-secrets");
    if (result.code !== 0) throw new Error(`stack output: ${result.output}`);
    return JSON.parse(result.stdout) as Outputs;
  }

  /** Names of this deployment's containers, running or not. */
  async containers(): Promise<string[]> {
    const { stdout } = await run("docker", ["ps", "--all", "--format", "{{.ID}} {{.Names}} {{.Networks}}"]);
    return stdout
      .split("\n")
      .filter((line) => line.includes(this.prefix) || line.includes(` ${this.prefix}`));
  }

  /** Takes away all that belongs to the deployment, by Docker's own means: also after a failed test. */
  async remove(): Promise<void> {
    await this.make("destroy").catch(() => undefined);
    const network = await run("docker", ["ps", "-aq", "--filter", `network=${this.prefix}`]);
    const named = await run("docker", ["ps", "-aq", "--filter", `name=${this.prefix}`]);
    const ids = [...new Set(`${network.stdout}\n${named.stdout}`.split("\n").filter(Boolean))];
    if (ids.length > 0) await run("docker", ["rm", "--force", ...ids]);
    const volumes = await run("docker", ["volume", "ls", "-q", "--filter", `name=${this.prefix}`]);
    for (const volume of volumes.stdout.split("\n").filter(Boolean))
      await run("docker", ["volume", "rm", "-f", volume]);
    await run("docker", ["network", "rm", this.prefix]);
    // What clients have pushed and pulled by its names.
    const listed = await run("docker", ["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    const images = listed.stdout
      .split("\n")
      .filter((name) => name.startsWith(`registry.${this.stack}.test:`));
    if (images.length > 0) await run("docker", ["rmi", "--force", ...images]);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port nobody listens on. By chance: deployments of other tests choose theirs at the same time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}

/** Runs a program to its end; a code other than 0 is a result, not an error. */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { cwd: options.cwd, env: options.env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        // A program that could not be started has a word for a code, one that was killed has none.
        if (typeof error?.code === "string") {
          reject(new Error(error.message));
          return;
        }
        const code = error === null ? 0 : (error.code ?? 128);
        resolve({ code, stdout, stderr, output: `${stdout}${stderr}` });
      },
    );
    // One that ends without reading its input has said why.
    child.stdin?.on("error", () => undefined).end(options.input ?? "");
  });
}

/** As `run`, for what must succeed. */
export async function must(
  program: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const result = await run(program, args, options);
  if (result.code !== 0)
    throw new Error(`${program} ${args.join(" ")}: exit code ${result.code}\n${result.output}`);
  return result.stdout;
}

function withoutPulumi(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith("PULUMI_") && name !== "MAKEFLAGS" && name !== "MAKELEVEL",
    ),
  );
}
