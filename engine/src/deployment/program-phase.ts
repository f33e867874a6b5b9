import { startHost } from "../protocol/host";
import { loggedErrorExitCode, launchProgram, type ProgramExit } from "../protocol/program";
import { findSdk, loadSdk, versionWarning } from "../protocol/sdk";
import type { DeploymentContext } from "./context";
import { AlreadyReported, type Diagnostics } from "./diagnostics";
import type { StepExecutor } from "./executor";
import type { ProgramRun } from "./program-run";

/** How long a program that has been let go may take to end, in milliseconds. */
const exitGrace = 5000;

/** A program that has told everything it wants and waits for the end of the run. */
export interface WaitingProgram {
  /** Lets it end; fails where it ends badly after all. */
  end(): Promise<void>;
}

/** Runs a program until it has told everything: `runProgram`, or a test's own. */
export type ProgramStarter = (
  context: DeploymentContext,
  run: ProgramRun,
  executor: StepExecutor,
  parallel: number,
) => Promise<WaitingProgram>;

/**
 * Runs the program until it has told everything. Fails, with the reason told, when it ends before that, and
 * interrupts it when the run has failed or was cancelled.
 */
export async function runProgram(
  context: DeploymentContext,
  run: ProgramRun,
  executor: StepExecutor,
  parallel: number,
): Promise<WaitingProgram> {
  const { request, diagnostics } = context;
  const sdk = loadSdk(findSdk(request.programDirectory));
  const warning = versionWarning(sdk.version);
  if (warning !== undefined) diagnostics.warning(warning);
  const host = await startHost(sdk, run);
  const launched = request.launched ?? launchProgram(sdk.directory, request, parallel);
  const program = launched.run(host.addresses, request.config, (stream, line) => {
    diagnostics.tell(stream === "stdout" ? "info" : "info#err", line);
  });
  context.providers.prepare();
  const stop = async (): Promise<never> => {
    program.interrupt();
    await program.exited;
    host.close();
    await run.settled();
    throw new AlreadyReported();
  };
  const outcome = await Promise.race([
    run.toldEverything.then(() => "waiting" as const),
    aborted(executor.stopped).then(() => "stopped" as const),
    program.exited,
  ]);
  if (outcome === "stopped") return stop();
  if (outcome !== "waiting") {
    // A run that failed takes its program with it: then there is nothing more to say.
    if (!executor.stopped.aborted) failFor(outcome, diagnostics, earlyExit);
    executor.stop();
    return stop();
  }
  await run.settled();
  if (executor.stopped.aborted) return stop();
  return {
    async end() {
      run.release();
      const timer = setTimeout(() => program.interrupt(), exitGrace);
      const exit = await program.exited;
      clearTimeout(timer);
      host.close();
      if (exit.code !== 0 && exit.signal === null && !diagnostics.failed) {
        failFor(exit, diagnostics, ({ code }) => `the program ended with exit code ${String(code)}`);
      }
    },
  };
}

/** Fails the run. A program that has told the reason itself needs no second one. */
function failFor(exit: ProgramExit, diagnostics: Diagnostics, reason: (exit: ProgramExit) => string): void {
  diagnostics.programFailed = true;
  if (exit.code === loggedErrorExitCode && diagnostics.toldError) diagnostics.fail();
  else diagnostics.error(reason(exit));
}

function earlyExit({ code, signal }: ProgramExit): string {
  if (signal !== null)
    return `the program was ended by ${signal} before it had declared all of its resources`;
  if (code === 0) {
    return (
      "the program ended before it had declared all of its resources: something in it calls process.exit(). " +
      "Nothing was deleted, and the stack's outputs stay as they were."
    );
  }
  return `an unhandled error occurred: program exited with non-zero exit code: ${String(code)}`;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
