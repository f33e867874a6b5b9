import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import { pulumi } from "../values/command-line";
import { Fault, systemCode } from "../values/fault";
import { writeDurably } from "./durable-file";
import { goStruct, goString } from "./go-json";
import { isAnotherProcess, isRunning } from "./process";
import type { StackLock } from "./store";

interface Holder {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Where a line for the user goes. */
export type Say = (line: string) => void;

/**
 * Locks a stack as the CLI does: writes a file of one's own into `folder`, then looks whether there is another.
 * Of two that come at the same moment both may go; never do both stay. A lock whose holder, a process of this
 * machine, has ended is taken away, and `say` told of it.
 */
export async function lockStack(folder: string, say: Say): Promise<StackLock> {
  const own = path.join(folder, `${randomUUID()}.json`);
  await removeStale(folder, say);
  await refuseOthers(folder, own);
  await writeDurably(own, describeSelf());
  const release = (): Promise<void> => rm(own, { force: true });
  try {
    await refuseOthers(folder, own);
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** Takes away every lock in `folder`, whoever holds it; the number of locks there were. */
export async function breakLocks(folder: string): Promise<number> {
  const files = await lockFiles(folder);
  await Promise.all(files.map((file) => rm(file, { force: true })));
  return files.length;
}

async function removeStale(folder: string, say: Say): Promise<void> {
  for (const file of await lockFiles(folder)) {
    const holder = await readHolder(file);
    if (holder === undefined || !(await hasEnded(holder))) continue;
    await rm(file, { force: true });
    say(`removed the lock of a run that has ended (pid ${holder.pid}, ${holder.timestamp})`);
  }
}

/** Only where that is certain; of another machine's processes nothing is known. */
async function hasEnded({ pid, hostname, timestamp }: Holder): Promise<boolean> {
  if (hostname !== os.hostname()) return false;
  return !isRunning(pid) || (await isAnotherProcess(pid, new Date(timestamp)));
}

async function refuseOthers(folder: string, own: string): Promise<void> {
  const others = (await lockFiles(folder)).filter((file) => file !== own);
  if (others.length === 0) return;
  const lines = await Promise.all(others.map(describeLock));
  // The folder carries the stack's name.
  const cancel = pulumi("cancel", path.basename(folder));
  throw new Fault(
    `the stack is currently locked by ${others.length} lock(s). Either wait for the other process(es) to end or ` +
      `delete the lock file with \`${cancel}\`.${lines.join("")}`,
  );
}

async function lockFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(".json")).map((name) => path.join(folder, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function describeLock(file: string): Promise<string> {
  const holder = await readHolder(file);
  if (holder === undefined) return `\n  file://${file}: cannot be read; it may be a moment old, or damaged`;
  const { username, hostname, pid, timestamp } = holder;
  return `\n  file://${file}: created by ${username}@${hostname} (pid ${pid}) at ${timestamp}`;
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof json !== "object" || json === null) return undefined;
    const { pid, username, hostname, timestamp } = json as Record<string, unknown>;
    if (typeof pid !== "number") return undefined;
    return { pid, username: String(username), hostname: String(hostname), timestamp: String(timestamp) };
  } catch {
    return undefined;
  }
}

function describeSelf(): string {
  return goStruct([
    ["pid", String(process.pid)],
    ["username", goString(os.userInfo().username)],
    ["hostname", goString(os.hostname())],
    ["timestamp", goString(new Date().toISOString())],
  ]);
}
