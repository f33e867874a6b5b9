import type { Snapshot } from "./resource";

/** The state of one stack, as the deployment reads and writes it. Where it lies is the backend's affair. */
export interface StackStore {
  readonly project: string;
  readonly stack: string;
  /**
   * The last state, secrets decrypted; empty for a stack that has never run.
   * Fails, and changes nothing, on a file that is cut short, of a newer format, or not decryptable.
   */
  load(): Promise<Snapshot>;
  /** Replaces the state atomically and durably (fsync). On failure the old state is still there. */
  save(snapshot: Snapshot): Promise<void>;
  /** Keeps other runs out until released. Fails, naming the holder, when somebody else has it. */
  lock(): Promise<StackLock>;
  /** Adds a finished run to the history. */
  record(update: UpdateRecord): Promise<void>;
}

export interface StackLock {
  release(): Promise<void>;
}

export type UpdateKind = "update" | "preview" | "refresh" | "destroy";

/** One run as `stack history` tells it. Times are seconds since 1970. */
export interface UpdateRecord {
  readonly kind: UpdateKind;
  readonly startTime: number;
  readonly endTime: number;
  readonly result: "succeeded" | "failed";
  readonly message: string;
  /** The stack's configuration as it was: `project:key` to JSON text; secrets stay encrypted (`{"secure":…}`). */
  readonly config: Readonly<Record<string, string>>;
  /** How many resources went which way, by the planner's names (`same`, `create`, `update`, …). */
  readonly resourceChanges: Readonly<Record<string, number>>;
}
