import type { DiffResult } from "../providers/provider";
import { pulumi } from "../values/command-line";
import type { PropertyMap } from "../values/value";
import type { DeploymentContext } from "./context";
import { AlreadyReported } from "./diagnostics";
import { applyReplaceOnChanges, asksForReplacement } from "./diffing";
import type { Goal, RegistrationDone } from "./goal";
import type { Plan } from "./plan";
import { deleteBeforeReplaceSteps } from "./replacement";
import type { State } from "./state";
import type { Step } from "./step";

interface Changed {
  readonly old: State;
  readonly state: State;
  readonly diff: DiffResult;
  readonly goal: Goal;
  readonly done: RegistrationDone;
  /** The checked inputs of a resource that is created anew: without defaults carried over from the old one. */
  readonly recheck: () => Promise<PropertyMap>;
}

/** The steps that follow from a provider's answer: same, update or replace. */
export async function stepsFromDiff(
  context: DeploymentContext,
  plan: Plan,
  changed: Changed,
): Promise<Step[]> {
  const { old, state, goal, done } = changed;
  const { urn } = state;
  const hasInitErrors = (old.initErrors ?? []).length > 0;
  const diff = applyReplaceOnChanges(changed.diff, goal.replaceOnChanges, hasInitErrors);
  const details = { diffs: diff.diffs, detailedDiff: diff.detailedDiff };
  const isChanged = diff.changes === "some" || old.pendingReplacement === true;
  if (isChanged && (asksForReplacement(diff) || old.pendingReplacement === true)) {
    return replaceSteps(context, plan, changed, diff);
  }
  // Unchanged, but not ready the last time: an empty update lets it try again.
  if (isChanged || hasInitErrors) {
    plan.updates.add(urn);
    return [{ op: "update", urn, old, new: state, ...details, logical: true, done }];
  }
  plan.sames.add(urn);
  return [{ op: "same", urn, old, new: state, logical: true, done }];
}

async function replaceSteps(
  context: DeploymentContext,
  plan: Plan,
  { old, state, goal, done, recheck }: Changed,
  diff: DiffResult,
): Promise<Step[]> {
  const { urn } = state;
  if (state.protect === true && old.protect === true) refuseProtected(context, urn);
  plan.replaces.add(urn);
  if (state.custom && !plan.isTargetedReplace(urn)) state.inputs = await recheck();
  const details = { keys: diff.replaces, diffs: diff.diffs, detailedDiff: diff.detailedDiff };
  const replace: Step = { op: "replace", urn, old, new: state, ...details, logical: true };
  const create: Step = { op: "create-replacement", urn, old, new: state, ...details, logical: false, done };
  const deleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
  if (!deleteFirst) return [{ ...create, leavesOld: true }, replace];
  return [...(await deleteBeforeReplaceSteps(context, plan, old)), replace, create];
}

/** In a preview the run goes on, so that people see the change that causes it. */
function refuseProtected(context: DeploymentContext, urn: string): void {
  context.diagnostics.error(
    `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the ` +
      "resource, remove the `protect` flag from the resource in your Pulumi program and run " +
      `\`${pulumi("up", context.request.stack)}\``,
    urn,
  );
  if (!context.dryRun) throw new AlreadyReported();
}
