import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { RuntimeOptions } from "../deployment/request";
import type { StackConfig } from "../project/stack-config";

/** How long a program that was interrupted may take before it is killed, in milliseconds. */
const grace = 2000;

/** The exit code of the SDK's runner for an error that it has logged already. */
export const loggedErrorExitCode = 32;

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramAddresses {
  readonly monitor: string;
  readonly engine: string;
}

export type PrintStream = "stdout" | "stderr";

/** A running program. */
export interface Program {
  /** Resolves when the process is gone and its output has been read to the end. */
  readonly exited: Promise<ProgramExit>;
  /** Interrupts it, and kills it when it is still there a moment later. */
  interrupt(): void;
}

/** What a program's process is started with: all of it is known before the stack is opened. */
export interface ProgramSettings {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  /** The folder that holds Pulumi.yaml; absolute. */
  readonly programDirectory: string;
  /** The program's file or folder (`main` of Pulumi.yaml), relative to `programDirectory`; `.` by default. */
  readonly entry: string;
  /** `runtime.options` of Pulumi.yaml. */
  readonly runtimeOptions: RuntimeOptions;
  readonly dryRun: boolean;
}

/** A process that has loaded the SDK, or is about to, and nothing of the program. */
export interface LaunchedProgram {
  /** Has it run the program. `onLine` is told what that prints. */
  run(
    addresses: ProgramAddresses,
    config: StackConfig,
    onLine: (stream: PrintStream, line: string) => void,
  ): Program;
  /** Ends it where the program has not been run, and shall not be. */
  discard(): void;
}

/**
 * Starts the program's process as Pulumi's language host does (`cmd/run` of the SDK). It then waits for the addresses
 * and the configuration: see program-preload.cjs.
 */
export function launchProgram(
  sdkDirectory: string,
  settings: ProgramSettings,
  parallel: number,
): LaunchedProgram {
  const { programDirectory, runtimeOptions } = settings;
  const child = spawn(
    process.execPath,
    [
      ...(runtimeOptions.nodeargs ?? "").split(/\s+/).filter((argument) => argument !== ""),
      // In one word: beside a `--require` of its own the SDK runs no program of ES modules.
      `--require=${fileURLToPath(new URL("program-preload.cjs", import.meta.url))}`,
      join(sdkDirectory, "cmd", "run"),
      ...["--organization", settings.organization, "--project", settings.project, "--stack", settings.stack],
      ...["--root-directory", programDirectory, "--pwd", programDirectory],
      ...(settings.dryRun ? ["--dry-run"] : []),
      ...["--parallel", String(parallel)],
      settings.entry,
    ],
    {
      cwd: programDirectory,
      // Of its own process group: Ctrl-C is for the engine, which lets the program finish first.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...process.env, PULUMI_NODEJS_TYPESCRIPT: String(runtimeOptions.typescript ?? true) },
    },
  );
  const killNow = () => kill(child, "SIGKILL");
  process.once("exit", killNow);
  // It may print something, and end, before it is told to run anything.
  const printed: [stream: PrintStream, line: string][] = [];
  let print = (...line: [PrintStream, string]): void => void printed.push(line);
  const exited = Promise.all([
    exitOf(child),
    lines(child.stdout as Readable, (line) => print("stdout", line)),
    lines(child.stderr as Readable, (line) => print("stderr", line)),
  ]).then(([exit]) => exit);
  const forget = () => process.removeListener("exit", killNow);
  exited.then(forget, forget);
  const pipe = child.stdio[3] as Writable;
  // A program that could not even start says so by its exit code.
  pipe.on("error", () => undefined);
  let isRun = false;
  return {
    run({ monitor, engine }, config, onLine) {
      isRun = true;
      print = onLine;
      for (const line of printed) print(...line);
      const args = ["--monitor", monitor, "--engine", engine];
      pipe.end(JSON.stringify({ args, variables: configVariables(config) }));
      return { exited, interrupt: () => interrupt(child, exited) };
    },
    discard() {
      if (!isRun) killNow();
    },
  };
}

function interrupt(child: ChildProcess, exited: Promise<ProgramExit>): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  kill(child, "SIGINT");
  const timer = setTimeout(() => kill(child, "SIGKILL"), grace);
  void exited.finally(() => clearTimeout(timer));
}

/** How the SDK hears of the stack's configuration; see program-preload.cjs for their way into the program. */
function configVariables(config: StackConfig): Record<string, string> {
  const entries = Object.entries(config);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries.map(([key, { value }]) => [key, value]))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(entries.filter(([, { secret }]) => secret).map(([key]) => key)),
  };
}

function exitOf(child: ChildProcess): Promise<ProgramExit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

async function lines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) onLine(line);
}

/** Signals the program and everything it has started. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}
