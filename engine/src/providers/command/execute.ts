import { spawn, type ChildProcess } from "node:child_process";
import type { PropertyMap } from "../../values/value";
import type { OperationContext } from "../provider";
import { Capture, failure, previousOutput, type Captured } from "./captured";
import { text, textMap, texts } from "./inputs";

/** Seconds between the request to end (SIGTERM) and the end (SIGKILL) of a command that is to stop. */
const GRACE_SECONDS = 5;

/**
 * Runs `command` on this machine and resolves with what it printed, the last line's end left out. Its lines are
 * logged as they come, as far as `logging` asks for it.
 *
 * Fails as the plugin does, with the exit status, the command, and all that it printed; and when the signal is
 * aborted or the time is over, after its whole process group has been ended.
 *
 * @param previous what the last command of the same resource printed: in its environment, unless
 *   `addPreviousOutputInEnv` is false
 */
export async function execute(
  command: string,
  inputs: PropertyMap,
  previous: Partial<Captured>,
  context: OperationContext,
): Promise<Captured> {
  context.signal.throwIfAborted();
  const interpreter = texts(inputs, "interpreter");
  const [program = "/bin/sh", ...options] = interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"];
  const child = spawn(program, [...options, command], {
    cwd: text(inputs, "dir") ?? process.cwd(),
    env: { ...process.env, ...textMap(inputs, "environment"), ...previousOutput(inputs, previous) },
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own: what it starts can be ended with it.
    detached: true,
  });
  // A command that does not read its input ends before we have written it: that is its right.
  child.stdin.on("error", () => undefined);
  child.stdin.end(text(inputs, "stdin") ?? "");
  const capture = new Capture(child, inputs, context);
  const stop = stopWith(child, context);
  try {
    const ended = await end(child);
    const reason = stop.reason() ?? ended;
    if (reason !== undefined) throw failure(reason, command, capture);
    return capture.result;
  } finally {
    stop.clear();
  }
}

/** Resolves with why the command failed, in the plugin's words, or with nothing when it did not. */
function end(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? `exit status ${code ?? -1}` : `signal: ${signal}`);
    });
  });
}

/** Ends the whole process group when the run is aborted or the time of `customTimeouts` is over. */
function stopWith(child: ChildProcess, { signal, timeout }: OperationContext) {
  let reason: string | undefined;
  let killer: NodeJS.Timeout | undefined;
  const kill = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  const stop = (why: string) => {
    reason = why;
    kill("SIGTERM");
    killer = setTimeout(kill, GRACE_SECONDS * 1000, "SIGKILL");
  };
  const abort = () => {
    stop("stopped before it ended");
  };
  signal.addEventListener("abort", abort, { once: true });
  const timer =
    timeout === undefined ? undefined : setTimeout(stop, timeout * 1000, `timed out after ${timeout} s`);
  return {
    reason: () => reason,
    clear: () => {
      signal.removeEventListener("abort", abort);
      clearTimeout(timer);
      clearTimeout(killer);
    },
  };
}
