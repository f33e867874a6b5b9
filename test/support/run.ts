import { execFile } from "node:child_process";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  /** stdout, then stderr. */
  readonly output: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}

/** Runs a program in the checkout to its end; a code other than 0 is a result, not an error. */
export function run(
  program: string,
  args: readonly string[],
  { env = {}, input = "" }: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      // A program that cannot be started has a code of letters.
      if (typeof code === "string") reject(new Error(`${program}: ${code}`));
      else resolve({ code: code ?? 128, stdout, output: stdout + stderr });
    });
    // One that ends before it has read everything says so by its code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** As `run`, for what must succeed: resolves with stdout, trimmed. */
export async function must(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(program, args, options);
  if (result.code !== 0)
    throw new Error(`${program} ${args.join(" ")}: code ${result.code}\n${result.output}`);
  return result.stdout.trim();
}

/** Waits until `condition` holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  seconds = 20,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
