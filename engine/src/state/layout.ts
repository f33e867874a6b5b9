import path from "node:path";

/** Where a `file://` backend keeps what belongs to one stack (`pkg/backend/diy/store.go` of Pulumi). */
export interface StackPaths {
  /** The state. */
  readonly state: string;
  /** The state before the last save. */
  readonly previous: string;
  readonly locks: string;
  /** A record of each run, and the state after it. */
  readonly history: string;
  /** The state after each run. */
  readonly backups: string;
}

/** The only organization a `file://` backend has. */
export const ORGANIZATION = "organization";

/** @param root the backend's `.pulumi` folder */
export function stackPaths(root: string, project: string, stack: string): StackPaths {
  const state = path.join(root, "stacks", project, `${stack}.json`);
  return {
    state,
    previous: `${state}.bak`,
    locks: path.join(root, "locks", ORGANIZATION, project, stack),
    history: path.join(root, "history", project, stack),
    backups: path.join(root, "backups", project, stack),
  };
}

/** A stack's name with all that belongs to it, as it stands in the state: `organization/PROJECT/STACK`. */
export const qualifiedName = (project: string, stack: string): string =>
  `${ORGANIZATION}/${project}/${stack}`;

/** Now, in nanoseconds since 1970: the CLI names history and backups by it. Two calls never give the same. */
export function uniqueNanoseconds(): bigint {
  const now = BigInt(Date.now()) * 1_000_000n;
  last = now > last ? now : last + 1n;
  return last;
}
let last = 0n;
