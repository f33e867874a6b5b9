import { execFileSync } from "node:child_process";

/** The real CLI, where one is on PATH with its plugins; these tests never look for one elsewhere. */
export const realPulumi: string | undefined = onPath();

function onPath(): string | undefined {
  try {
    return execFileSync("/bin/sh", ["-c", "command -v pulumi"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
