import { emptySnapshot, type Snapshot } from "../../src/state/resource";
import type { StackStore } from "../../src/state/store";

/** A stack's state in memory that keeps every version it was ever given. */
export class MemoryStore implements StackStore {
  readonly project = "project";
  readonly stack = "dev";
  readonly saved: Snapshot[] = [];

  constructor(public current: Snapshot = emptySnapshot) {}

  load(): Promise<Snapshot> {
    return Promise.resolve(this.current);
  }

  save(snapshot: Snapshot): Promise<void> {
    // A copy, as a file would be: what changes later must not change what was written.
    this.current = structuredCloneOfSnapshot(snapshot);
    this.saved.push(this.current);
    return Promise.resolve();
  }

  lock(): Promise<{ release(): Promise<void> }> {
    return Promise.resolve({ release: () => Promise.resolve() });
  }

  record(): Promise<void> {
    return Promise.resolve();
  }
}

const structuredCloneOfSnapshot = (snapshot: Snapshot): Snapshot => ({
  resources: snapshot.resources.map((state) => ({ ...state })),
  pendingOperations: snapshot.pendingOperations.map(({ type, resource }) => ({
    type,
    resource: { ...resource },
  })),
});
