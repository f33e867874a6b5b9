import { readFileSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import path from "node:path";

import { systemCode } from "../values/fault";

/** True where a process of that number runs, whoever's it is. One that has ended and that nobody waits for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
  try {
    return !["Z", "X"].includes(statFields(readFileSync(`/proc/${pid}/stat`, "utf8"))[0] ?? "");
  } catch {
    return true;
  }
}

/** What follows the name, from the third field on: the name, in parentheses, may hold blanks. */
const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(")") + 2).split(" ");

/** What runs deployments: this engine, and the CLI. */
const runners: readonly string[] = ["node", "pulumi"];
/** `/proc` counts in hundredths of a second, and its clock starts at a whole second. */
const TICKS_PER_SECOND = 100;
const SLACK_SECONDS = 2;

/**
 * True where the number now belongs to a process that was started after `moment`, and is no run of Pulumi: times
 * alone are not believed, for a clock may have been set in between. False where `/proc` does not tell.
 */
export async function isAnotherProcess(pid: number, moment: Date): Promise<boolean> {
  try {
    const [stat, system, program] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/stat", "utf8"),
      readlink(`/proc/${pid}/exe`),
    ]);
    // Start time is field 22.
    const ticks = Number(statFields(stat)[19]);
    const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
    const started = boot + ticks / TICKS_PER_SECOND;
    return started > moment.getTime() / 1000 + SLACK_SECONDS && !runners.includes(path.basename(program));
  } catch {
    return false;
  }
}
