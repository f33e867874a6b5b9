import type { DiffKind, DiffResult } from "../providers/provider";
import { messageOf } from "../values/fault";
import { revealAll } from "../values/value";
import { annotateSecrets, markSecret } from "./annotate";
import { operationContext } from "./apply";
import { askProvider } from "./diffing";
import type { DeploymentContext } from "./context";
import { sameProperties } from "./equality";
import type { StepOp } from "./events";
import { inParallel } from "./parallel";
import type { Plan } from "./plan";
import { rebuild } from "./rebuild";
import { now, type State } from "./state";
import { metadataOf } from "./step";
import { isDefaultProvider, isProviderType } from "./urn";
import { isTargeted } from "./targeting";

interface Refreshed {
  /** What became of it: unchanged, changed, or gone. */
  readonly op: "same" | "update" | "delete";
  readonly state?: State;
  readonly diff?: DiffResult;
}

export interface RefreshResult {
  /** False where a resource could not be read; the others have been. */
  readonly succeeded: boolean;
  /** True where the state differs from what it was. */
  readonly changed: boolean;
  readonly changes: Partial<Record<StepOp, number>>;
}

/**
 * Reads every resource from its provider and goes on from what is really there.
 * Source: `refresh` in `deployment_executor.go` and `RefreshStep` in `step.go` of Pulumi.
 */
export async function refresh(
  context: DeploymentContext,
  plan: Plan,
  parallel: number,
): Promise<RefreshResult> {
  const results = new Map<State, Refreshed>();
  const changes: Partial<Record<StepOp, number>> = {};
  let succeeded = true;
  const chosen = context.base.filter((state) => {
    const targeted = isTargeted(plan, state);
    if (targeted && plan.targets.constrained) plan.targetsActual.add(state.urn);
    return targeted;
  });
  await inParallel(chosen, parallel, async (old) => {
    if (context.request.cancel.aborted) return;
    const shown = !isDefaultProvider(old.urn);
    const step = { op: "refresh", urn: old.urn, old, new: old, logical: false } as const;
    if (shown) tell(context, "resource-pre", metadataOf(step));
    try {
      const result = await readCurrent(context, old);
      results.set(old, result);
      const { state, diff } = result;
      if (!shown) return;
      changes[result.op] = (changes[result.op] ?? 0) + 1;
      // In an update only the following steps are what the run does; of a refresh this is.
      const op = context.request.kind === "refresh" ? result.op : "refresh";
      const details = { diffs: diff?.diffs, detailedDiff: diff?.detailedDiff };
      tell(context, "resource-outputs", metadataOf({ ...step, new: state, ...details }, op));
    } catch (error) {
      succeeded = false;
      context.diagnostics.error(messageOf(error), old.urn);
      context.request.sink({ kind: "resource-failed", metadata: metadataOf(step) });
    }
  });
  const current = new Map([...results].map(([old, { state }]) => [old, state]));
  const changed = [...current].some(([old, state]) => state !== old);
  if (changed) context.rebase(rebuild(context.base, current));
  return { succeeded, changed, changes };
}

function tell(
  context: DeploymentContext,
  kind: "resource-pre" | "resource-outputs",
  metadata: ReturnType<typeof metadataOf>,
): void {
  context.request.sink({ kind, metadata, planning: context.dryRun });
}

/** The resource as its provider sees it now. The same object comes back where nothing has changed. */
export async function readCurrent(context: DeploymentContext, old: State): Promise<Refreshed> {
  const isReadable = old.custom && !isProviderType(old.type) && old.pendingReplacement !== true;
  if (!isReadable) return { op: "same", state: old };
  const type = context.providers.resourceType(old);
  if (type.read === undefined) return { op: "same", state: old };
  const result = await type.read({
    ...operationContext(context, old, undefined),
    urn: old.urn,
    id: old.id ?? "",
    inputs: revealAll(old.inputs),
    outputs: revealAll(old.outputs),
  });
  if (result === undefined) return { op: "delete" };
  const inputs = annotateSecrets(result.inputs, old.inputs, type);
  const outputs = markSecret(
    annotateSecrets(annotateSecrets(result.outputs, old.outputs, type), inputs, type),
    old.additionalSecretOutputs ?? [],
  );
  const isSame =
    result.id === old.id && sameProperties(inputs, old.inputs) && sameProperties(outputs, old.outputs);
  if (isSame && (old.initErrors ?? []).length === 0) return { op: "same", state: old };
  const state: State = { ...old, id: result.id, inputs, outputs, ...(isSame ? {} : { modified: now() }) };
  delete state.initErrors;
  // What an update of the unchanged program would do after this, told the other way round.
  const diff = invert(await askProvider(context, state, state, old.inputs, old.ignoreChanges ?? []));
  return { op: diff.changes === "none" ? "same" : "update", state, diff };
}

const inverse: Readonly<Record<DiffKind, DiffKind>> = {
  add: "delete",
  "add-replace": "delete-replace",
  delete: "add",
  "delete-replace": "add-replace",
  update: "update",
  "update-replace": "update-replace",
};

function invert(diff: DiffResult): DiffResult {
  if (diff.detailedDiff === undefined) return diff;
  const detailedDiff = Object.fromEntries(
    Object.entries(diff.detailedDiff).map(([path, change]) => [
      path,
      { ...change, kind: inverse[change.kind] },
    ]),
  );
  return { ...diff, detailedDiff };
}
