import { integrityFaults } from "../state/integrity";
import type { OperationType, PendingOperation, ResourceState, Snapshot } from "../state/resource";
import { normalizeAliases } from "./alias-references";
import type { DeploymentContext } from "./context";
import { sameOrder, sameProperties, sameSet } from "./equality";
import type { State } from "./state";
import type { Step } from "./step";

/**
 * Keeps the stack's state in step with what happens: an operation is written down before it begins and when
 * it has ended. Source: `pkg/backend/snapshot.go` of Pulumi.
 *
 * The state at any time is what the run has produced so far, then what it has not touched yet. Steps that
 * change nothing about a resource cause no write. Writes that are asked for while one is under way are
 * joined into one.
 */
export class SnapshotWriter {
  private readonly done = new Set<State>();
  private readonly produced: State[] = [];
  private readonly pending = new Map<State, OperationType>();
  private writing: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly context: DeploymentContext) {}

  /** Before a step is carried out. */
  async begin(step: Step): Promise<void> {
    const operation = operationOf(step);
    if (operation === undefined) return;
    const state = operation === "deleting" ? step.old : step.new;
    if (state === undefined) return;
    this.pending.set(state, operation);
    await this.save();
  }

  /** After it: `recorded` is false for a step that failed without leaving anything behind. */
  async end(step: Step, recorded: boolean): Promise<void> {
    if (step.new !== undefined) this.pending.delete(step.new);
    if (step.old !== undefined) this.pending.delete(step.old);
    if (this.apply(step, recorded)) await this.save();
  }

  /** After a component or the Stack has told its outputs. */
  async outputsChanged(before: State["outputs"] | undefined, after: State["outputs"]): Promise<void> {
    if (before === undefined || !sameProperties(before, after)) await this.save();
  }

  /** Writes the state as it is now; resolves when it is on disk. */
  save(): Promise<void> {
    if (this.context.dryRun) return Promise.resolve();
    if (this.writing === undefined) {
      this.writing = this.write();
      return this.writing;
    }
    this.next ??= this.writing.then(
      () => this.startNext(),
      () => this.startNext(),
    );
    return this.next;
  }

  /** The state as it is now. */
  snapshot(): Snapshot {
    return { resources: this.resources(), pendingOperations: this.operations() };
  }

  /** What would be wrong with the state after a deletion: to be asked before it, for it cannot be undone. */
  faultsAfter(step: Step): string[] {
    if (this.context.dryRun || operationOf(step) !== "deleting") return [];
    return integrityFaults({ resources: this.resources(effectOf(step, true).gone), pendingOperations: [] });
  }

  private resources(without?: State): readonly ResourceState[] {
    const resources = [...this.produced, ...this.context.base];
    const left = resources.filter((state) => !this.done.has(state) && state !== without);
    // Copies: what steps go on to fill in must not change what is being written.
    return normalizeAliases(left.map((state) => ({ ...state })));
  }

  private startNext(): Promise<void> {
    this.next = undefined;
    this.writing = this.write();
    return this.writing;
  }

  private async write(): Promise<void> {
    try {
      await this.context.request.store.save(this.snapshot());
    } finally {
      if (this.next === undefined) this.writing = undefined;
    }
  }

  /** What an earlier run left stays on the list until it is settled (`pending.ts`). */
  private operations(): PendingOperation[] {
    const own = [...this.pending].map(([state, type]) => ({ type, resource: { ...state } }));
    return [...own, ...this.context.basePending];
  }

  /** Takes a finished step into account; true where the state has changed by it. */
  private apply(step: Step, recorded: boolean): boolean {
    const { gone, comes, changed } = effectOf(step, recorded);
    if (gone !== undefined) this.done.add(gone);
    if (comes !== undefined) this.produced.push(comes);
    return changed;
  }
}

/** What a step that has ended means for the list of resources. */
interface Effect {
  readonly gone?: State | undefined;
  readonly comes?: State | undefined;
  /** The state must be written. */
  readonly changed: boolean;
}

function effectOf(
  { op, old, new: state, skippedCreate, awaitsReplacement }: Step,
  recorded: boolean,
): Effect {
  if (!recorded) return { changed: op !== "replace" && op !== "refresh" };
  switch (op) {
    case "same":
      if (skippedCreate === true || state === undefined) return { gone: old, changed: false };
      return { gone: old, comes: state, changed: old === undefined || changesState(old, state) };
    case "create":
    case "create-replacement":
      return { gone: old?.pendingReplacement === true ? old : undefined, comes: state, changed: true };
    case "update":
    case "read":
      return { gone: old, comes: state, changed: true };
    case "read-replacement":
      return { comes: state, changed: true };
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return { gone: awaitsReplacement === true ? undefined : old, changed: true };
    case "remove-pending-replace":
      return { gone: old, changed: true };
    case "replace":
    case "refresh":
      return { changed: false };
  }
}

function operationOf({ op }: Step): OperationType | undefined {
  switch (op) {
    case "create":
    case "create-replacement":
      return "creating";
    case "update":
      return "updating";
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return "deleting";
    case "read":
    case "read-replacement":
      return "reading";
    default:
      return undefined;
  }
}

/** True where a resource that is the same to its provider must be written anew all the same. */
function changesState(old: State, state: State): boolean {
  return (
    old.urn !== state.urn ||
    old.type !== state.type ||
    old.custom !== state.custom ||
    old.id !== state.id ||
    old.provider !== state.provider ||
    old.parent !== state.parent ||
    old.deletedWith !== state.deletedWith ||
    (old.protect ?? false) !== (state.protect ?? false) ||
    (old.retainOnDelete ?? false) !== (state.retainOnDelete ?? false) ||
    !sameProperties(old.customTimeouts ?? {}, state.customTimeouts ?? {}) ||
    !sameProperties(old.inputs, state.inputs) ||
    !sameProperties(old.outputs, state.outputs) ||
    !sameSet(old.dependencies, state.dependencies) ||
    !samePropertyDependencies(old, state) ||
    !sameOrder(old.ignoreChanges ?? [], state.ignoreChanges ?? []) ||
    !sameOrder(old.replaceOnChanges ?? [], state.replaceOnChanges ?? []) ||
    !sameSet(old.additionalSecretOutputs ?? [], state.additionalSecretOutputs ?? [])
  );
}

function samePropertyDependencies(old: State, state: State): boolean {
  const names = Object.keys(old.propertyDependencies);
  return (
    sameSet(names, Object.keys(state.propertyDependencies)) &&
    names.every((name) =>
      sameSet(old.propertyDependencies[name] ?? [], state.propertyDependencies[name] ?? []),
    )
  );
}
