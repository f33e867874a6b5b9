import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

const repository = path.resolve(import.meta.dirname, "../../..");
const main = path.join(repository, "engine/bin/pulumi.mjs");

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** What to run instead of the embedded engine: the real CLI. */
  readonly program?: string;
}

/** A project in a folder of its own, with its own backend and `PULUMI_HOME`. */
export class TestProject {
  private constructor(readonly folder: string) {}

  static async make(pulumiYaml = "name: shop\nruntime: nodejs\n"): Promise<TestProject> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "cli-"));
    await mkdir(path.join(folder, ".state"));
    await symlink(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
    const project = new TestProject(folder);
    await project.write("Pulumi.yaml", pulumiYaml);
    await project.write("package.json", '{"name": "shop"}');
    return project;
  }

  /** Starts one command in the project's folder, without a terminal and in a process group of its own. */
  start(args: readonly string[], { env = {}, program }: Options = {}): ChildProcessWithoutNullStreams {
    const [command, first] = program === undefined ? [process.execPath, [main]] : [program, []];
    return spawn(command, [...first, "-C", this.folder, ...args], {
      cwd: repository,
      detached: true,
      env: { ...process.env, ...this.environment(), ...env },
    });
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], options: Options = {}): Promise<Answer> {
    const child = this.start(args, options);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.end(options.input ?? "");
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
  }

  /** Runs a command that must succeed; what it printed. */
  async ok(args: readonly string[], options: Options = {}): Promise<string> {
    const { code, out, err } = await this.run(args, options);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${code}\n${out}${err}`);
    return out;
  }

  environment(): Record<string, string | undefined> {
    return {
      PULUMI_HOME: path.join(this.folder, ".home"),
      PULUMI_BACKEND_URL: "file://./.state",
      PULUMI_CONFIG_PASSPHRASE: "correct",
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      PULUMI_STACK: undefined,
      CI: undefined,
    };
  }

  read(name: string): Promise<string> {
    return readFile(path.join(this.folder, name), "utf8");
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, name), text);
  }
}
