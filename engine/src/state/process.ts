import { readFile, readlink } from "node:fs/promises";
import path from "node:path";

import { systemCode } from "../values/fault";

/** True where there is a process of that number, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

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
    // The second field, the name in parentheses, may hold blanks: count from its end. Start time is field 22.
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
    const started = boot + ticks / TICKS_PER_SECOND;
    return started > moment.getTime() / 1000 + SLACK_SECONDS && !runners.includes(path.basename(program));
  } catch {
    return false;
  }
}
