import type Docker from "dockerode";
import type { PropertyMap } from "../../../values/value";
import { getBool, getNumber, getString } from "../terraform/read";
import { sleep } from "../wait";

/** How many of its last log lines an error about a container shows. */
const logLines = 10;
/** Milliseconds after which a container that was started counts as up when nothing is waited for. */
const settleTime = 300;

/**
 * Waits until a started container is what was asked for: healthy with `wait`, at least not gone at once with
 * `mustRun`. Returns what is wrong with it, with its last log lines, when it does not come to that.
 */
export async function awaitStarted(
  docker: Docker,
  id: string,
  state: PropertyMap,
  signal: AbortSignal,
): Promise<string | undefined> {
  const container = docker.getContainer(id);
  const name = getString(state, "name");
  const withLogs = async (problem: string): Promise<string> => {
    const logs = await lastLogLines(container, getBool(state, "tty"));
    return `${problem}${logs === "" ? " It logged nothing." : ` Its last log lines:\n${logs}`}`;
  };
  if (!getBool(state, "wait")) {
    if (!getBool(state, "must_run")) return undefined;
    await sleep(settleTime, signal);
    const { State: now } = await container.inspect();
    return ended(now)
      ? withLogs(`The container ${name} ended at once, with exit code ${now.ExitCode}.`)
      : undefined;
  }

  const seconds = getNumber(state, "wait_timeout");
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const { State: now } = await container.inspect();
    const health = now.Health?.Status;
    if (health === "healthy") return undefined;
    if (ended(now)) {
      return withLogs(`The container ${name} ended before it was healthy, with exit code ${now.ExitCode}.`);
    }
    if (now.Health === undefined) {
      return `The container ${name} has no health check to wait for: give it a healthcheck or leave out wait.`;
    }
    if (Date.now() >= end) {
      const said = now.Health.Log.at(-1)?.Output.trim();
      const check = said === undefined || said === "" ? "" : ` Its health check says: ${said}`;
      return withLogs(`The container ${name} is not healthy after ${seconds} s (waitTimeout).${check}`);
    }
    await sleep(500, signal);
  }
}

/** True for a container that is down and that its restart policy does not bring up again. */
function ended(state: Docker.ContainerInspectInfo["State"]): boolean {
  return !state.Running && !state.Restarting;
}

async function lastLogLines(container: Docker.Container, tty: boolean): Promise<string> {
  try {
    const raw = await container.logs({ stdout: true, stderr: true, tail: logLines });
    const text = tty ? raw.toString("utf8") : frames(raw);
    return text.trimEnd().replace(/^/gm, "    ").trimEnd();
  } catch {
    // A log driver that cannot be read (none, syslog) must not hide what is wrong.
    return "";
  }
}

/** The payload of Docker's log frames: an 8-byte header with the length in its last four, then the text. */
function frames(raw: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("");
}
