import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { DeploymentRequest } from "../deployment/request";
import type { Sdk } from "./sdk";

/** How long a program that was interrupted may take before it is killed, in milliseconds. */
const grace = 2000;

/** The exit code of the SDK's runner for an error that it has logged already. */
export const loggedErrorExitCode = 32;

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program. */
export interface Program {
  /** Resolves when the process is gone and its output has been read to the end. */
  readonly exited: Promise<ProgramExit>;
  /** Interrupts it, and kills it when it is still there a moment later. */
  interrupt(): void;
}

export interface ProgramAddresses {
  readonly monitor: string;
  readonly engine: string;
}

/** Starts the program as Pulumi's language host does (`cmd/run` of the SDK). */
export function startProgram(
  sdk: Sdk,
  request: DeploymentRequest,
  addresses: ProgramAddresses,
  onLine: (stream: "stdout" | "stderr", line: string) => void,
): Program {
  const { programDirectory, runtimeOptions, options } = request;
  const child = spawn(
    process.execPath,
    [
      ...(runtimeOptions.nodeargs ?? "").split(/\s+/).filter((argument) => argument !== ""),
      ...["--require", fileURLToPath(new URL("program-preload.cjs", import.meta.url))],
      join(sdk.directory, "cmd", "run"),
      ...["--monitor", addresses.monitor, "--engine", addresses.engine],
      ...["--organization", request.organization, "--project", request.project, "--stack", request.stack],
      ...["--root-directory", programDirectory, "--pwd", programDirectory],
      ...(request.dryRun ? ["--dry-run"] : []),
      ...["--parallel", String(options.parallel ?? 16)],
      request.entry,
    ],
    {
      cwd: programDirectory,
      // Of its own process group: Ctrl-C is for the engine, which lets the program finish first.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...process.env, PULUMI_NODEJS_TYPESCRIPT: String(runtimeOptions.typescript ?? true) },
    },
  );
  (child.stdio[3] as Writable)
    // A program that could not even start says so by its exit code.
    .on("error", () => undefined)
    .end(JSON.stringify(configVariables(request)));
  const killOnExit = () => kill(child, "SIGKILL");
  process.once("exit", killOnExit);
  const exited = Promise.all([
    lines(child.stdout as Readable, (line) => onLine("stdout", line)),
    lines(child.stderr as Readable, (line) => onLine("stderr", line)),
    exitOf(child),
  ]).then(([, , exit]) => exit);
  void exited.finally(() => process.removeListener("exit", killOnExit));
  return {
    exited,
    interrupt() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      kill(child, "SIGINT");
      const timer = setTimeout(() => kill(child, "SIGKILL"), grace);
      void exited.finally(() => clearTimeout(timer));
    },
  };
}

/** How the SDK hears of the stack's configuration; see program-preload.cjs for their way into the program. */
function configVariables({ config }: DeploymentRequest): Record<string, string> {
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
