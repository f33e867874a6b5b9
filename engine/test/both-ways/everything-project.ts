import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { TestProject, type Answer } from "../cli/cli";
import { RealParts } from "../real-parts";
import { realPulumi } from "./real-pulumi";

export type Engine = "embedded" | "real";
export const other = (engine: Engine): Engine => (engine === "embedded" ? "real" : "embedded");

const program = path.resolve(import.meta.dirname, "../programs/everything");

/** The program with every type, as a project that both engines run. */
export class EverythingProject {
  private constructor(
    readonly project: TestProject,
    readonly parts: RealParts,
  ) {}

  static async start(name: string): Promise<EverythingProject> {
    const parts = await RealParts.start(name);
    const project = await TestProject.make("name: everything\nruntime: nodejs\n");
    for (const file of ["index.ts", "package.json", "tsconfig.json"]) {
      cpSync(path.join(program, file), path.join(project.folder, file));
    }
    const found = new EverythingProject(project, parts);
    await found.init();
    return found;
  }

  /** A new stack, by `engine`. */
  private async init(): Promise<void> {
    const { prefix, image, sshd } = this.parts;
    const settings = {
      prefix,
      image,
      sshUser: sshd.user,
      sshHostKey: sshd.hostKey,
      sshPort: String(sshd.port),
    };
    await this.ok("embedded", ["stack", "init", "dev"]);
    for (const [name, value] of Object.entries(settings)) await this.set(name, value);
    await this.project.ok(["config", "set", "--secret", "sshKey"], { env, input: sshd.privateKey });
  }

  async set(name: string, value: string): Promise<void> {
    await this.ok("embedded", ["config", "set", name, value]);
  }

  run(engine: Engine, args: readonly string[]): Promise<Answer> {
    return this.project.run(args, { env, ...(engine === "real" ? { program: realPulumi ?? "pulumi" } : {}) });
  }

  async ok(engine: Engine, args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(engine, args);
    if (code !== 0) throw new Error(`${engine}: pulumi ${args.join(" ")}: ${code}\n${out}${err}`);
    return out;
  }

  stop(): void {
    this.parts.stop();
    rmSync(this.project.folder, { recursive: true, force: true });
  }
}

const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true", PULUMI_SKIP_UPDATE_CHECK: "true" };
