import { once } from "node:events";
import { constants } from "node:os";
import type { Client, ClientChannel } from "ssh2";
import { messageOf } from "../../values/fault";
import type { PropertyMap } from "../../values/value";
import type { OperationContext } from "../provider";
import { Capture, failure, previousOutput, type Captured } from "./captured";
import { text, textMap } from "./inputs";
import { dial } from "./ssh-dial";
import { sendBeforeExec, type Variable } from "./ssh-environment";

/** Seconds between the request to end (SIGTERM) and the end of the connection of a command that is to stop. */
const GRACE_SECONDS = 5;

/**
 * Runs `command` on the host of `connection` and resolves with what it printed, as `execute` does on this machine.
 * Fails when the login is lost on the way: whether the command has ended then, nobody knows.
 */
export async function remoteExecute(
  command: string,
  inputs: PropertyMap,
  previous: Captured,
  context: OperationContext,
): Promise<Captured> {
  const login = await dial(inputs, context);
  try {
    return await run(login.client, command, inputs, previous, context);
  } finally {
    login.close();
  }
}

async function run(
  client: Client,
  command: string,
  inputs: PropertyMap,
  previous: Captured,
  context: OperationContext,
): Promise<Captured> {
  const lost = new Promise<never>((_resolve, reject) => {
    client.on("error", reject);
    client.once("close", () => {
      reject(new Error("the SSH connection was lost"));
    });
  });
  const channel = await Promise.race([start(client, command, variables(inputs, previous), context), lost]);
  const capture = new Capture({ stdout: channel, stderr: channel.stderr }, inputs, context);
  // A command that does not read its input ends before we have written it: that is its right.
  channel.on("error", () => undefined);
  channel.end(text(inputs, "stdin") ?? "");
  const stop = stopWith(client, channel, context);
  try {
    const ended = await Promise.race([end(channel), lost]).catch((error: unknown) => messageOf(error));
    const reason = stop.reason() ?? ended;
    if (reason !== undefined) throw failure(reason, command, capture);
    return capture.result;
  } finally {
    stop.clear();
  }
}

/** `environment` must arrive; what was printed before only may. */
function variables(inputs: PropertyMap, previous: Captured): Variable[] {
  const of = (values: Readonly<Record<string, string>>, isRequired: boolean): Variable[] =>
    Object.entries(values).map(([name, value]) => ({ name, value, isRequired }));
  return [...of(textMap(inputs, "environment"), true), ...of(previousOutput(inputs, previous), false)];
}

function start(
  client: Client,
  command: string,
  wanted: readonly Variable[],
  context: OperationContext,
): Promise<ClientChannel> {
  const missing: string[] = [];
  sendBeforeExec(client, wanted, ({ name, isRequired }) => {
    const hint =
      "This only works if your SSH server is configured to accept these variables via AcceptEnv. Alternatively, " +
      "prefix the command itself with the variables in the form 'VAR=value command'";
    context.log(isRequired ? "error" : "warning", `Unable to set '${name}'. ${hint}`);
    if (isRequired) missing.push(name);
    return !isRequired;
  });
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (missing.length > 0) {
        const names = missing.map((name) => JSON.stringify(name)).join(", ");
        reject(new Error(`could not set environment variable ${names}: the SSH server refused it`));
      } else if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
}

/** Resolves with why the command failed, in the plugin's words, or with nothing when it did not. */
async function end(channel: ClientChannel): Promise<string | undefined> {
  let status: string | undefined = "wait: remote command exited without exit status or exit signal";
  channel.on("exit", (code: number | null, signal?: string) => {
    if (code === 0) status = undefined;
    else status = `Process exited with status ${code ?? signalStatus(signal)}`;
  });
  await once(channel, "close");
  return status;
}

/** As a shell counts it: 128 and the signal's number, which is not known of every name. */
function signalStatus(signal = ""): string {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return `${128 + (numbers[signal] ?? 0)} from signal ${signal.replace(/^SIG/, "")}`;
}

/** Asks the command to end when the run is aborted or its time is over; ends the connection when it does not. */
function stopWith(client: Client, channel: ClientChannel, { signal, timeout }: OperationContext) {
  let reason: string | undefined;
  let killer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    const isTimeout = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    const why = isTimeout ? `timed out after ${timeout ?? 0} s` : "stopped before it ended";
    // sshd passes signals on for everyone but root, and a command without a terminal does not end with its login.
    reason = `${why}; on the host it may go on`;
    channel.signal("TERM");
    killer = setTimeout(() => client.destroy(), GRACE_SECONDS * 1000);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return {
    reason: () => reason,
    clear: () => {
      signal.removeEventListener("abort", abort);
      clearTimeout(killer);
    },
  };
}
