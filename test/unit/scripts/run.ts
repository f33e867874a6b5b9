import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** What a program left behind. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. `env` replaces the environment; give PATH. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string; readonly cwd?: string } = {},
): Promise<Result> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: options.cwd ?? ROOT, env: options.env ?? process.env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", failed);
    child.on("close", (code) => done({ code, stdout, stderr }));
    // A program that refuses its arguments reads no input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** The whole of a run in one text, for a failed expectation to show. */
export function all(result: Result): string {
  return `${result.stdout}${result.stderr}(exit code ${String(result.code)})`;
}

/** Whether PATH has the program. */
export function have(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** A temporary folder that `dispose` takes away. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "regtest-img-"));

  file(name: string, content = "", mode = 0o644): string {
    const path = join(this.path, name);
    mkdirSync(resolve(path, ".."), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A PATH of nothing but some of this machine's programs and shell stubs, each of which logs how it was called. */
export class Stubs extends Folder {
  readonly log = this.file("calls");

  constructor(programs: readonly string[]) {
    super();
    mkdirSync(join(this.path, "bin"));
    for (const program of programs) {
      const folder = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].find((at) => existsSync(join(at, program)));
      if (folder === undefined) throw new Error(`this machine has no ${program}`);
      symlinkSync(join(folder, program), join(this.path, "bin", program));
    }
  }

  /** `script`: POSIX shell. */
  stub(program: string, script: string): void {
    this.file(`bin/${program}`, `#!/bin/sh\necho "${program} $*" >>"${this.log}"\n${script}\n`, 0o755);
  }

  get PATH(): string {
    return join(this.path, "bin");
  }
}
