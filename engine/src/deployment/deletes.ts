import { protectedMessage } from "./apply";
import type { DeploymentContext } from "./context";
import { AlreadyReported } from "./diagnostics";
import type { Plan } from "./plan";
import type { State } from "./state";
import type { Step } from "./step";

/** What is left to do when the program has registered everything. */
export interface Leftovers {
  /** Steps that carry over what is not among the targets. */
  readonly sames: readonly Step[];
  /** Deletions in the order in which they can be done: each group at once, the next when it has ended. */
  readonly deletes: readonly (readonly Step[])[];
}

/** The deletion of everything the program no longer registers and of what has been replaced. */
export function leftovers(context: DeploymentContext, plan: Plan): Leftovers {
  const allowed = deletable(context, plan);
  const deletes: Step[] = [];
  const sames: Step[] = [];
  for (const state of context.base) {
    if (allowed !== undefined && !allowed.has(state.urn)) {
      if (!plan.isOperatedOn(state.urn) && state.delete !== true) {
        const { urn } = state;
        sames.push({ op: "same", urn, old: state, new: { ...state }, logical: true, untargeted: true });
      }
      continue;
    }
    const step = deletion(plan, state);
    if (step === undefined) continue;
    plan.deletes.add(state.urn);
    deletes.push(step);
  }
  const refused = refuse(context, plan, deletes);
  return { sames, deletes: schedule(context, possible(context, deletes, refused)) };
}

function deletion(plan: Plan, old: State): Step | undefined {
  const { urn } = old;
  if (old.delete === true) {
    if (plan.condemned.has(old)) return undefined;
    return { op: old.external === true ? "discard-replaced" : "delete-replaced", urn, old, logical: false };
  }
  if (plan.isOperatedOn(urn)) return undefined;
  if (old.pendingReplacement === true) return { op: "remove-pending-replace", urn, old, logical: false };
  return { op: old.external === true ? "discard" : "delete", urn, old, logical: true };
}

/**
 * With targets: they and everything that cannot be without them, whoever named it. `undefined`: everything may go.
 * Source: `determineAllowedResourcesToDeleteFromTargets` in `step_generator.go` of Pulumi.
 */
function deletable({ base, graph }: DeploymentContext, { targets }: Plan): ReadonlySet<string> | undefined {
  if (!targets.constrained) return undefined;
  const doomed = graph.requiring(base.filter(({ urn }) => targets.containsExplicitly(urn)));
  return new Set(doomed.map(({ urn }) => urn));
}

/**
 * Refuses before anything is deleted: protected resources, and those nobody has named. In a preview it only tells;
 * what is protected comes back.
 */
function refuse(context: DeploymentContext, plan: Plan, deletes: readonly Step[]): State[] {
  let refused = false;
  const kept: State[] = [];
  for (const { op, urn, old } of deletes) {
    if (!plan.targets.contains(urn) && plan.options.targetDependents !== true) {
      refused = true;
      context.diagnostics.error(
        `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
          "Either include resource in --target list or pass --target-dependents to proceed.",
        urn,
      );
    }
    if (op === "delete" && old?.protect === true) {
      refused = true;
      kept.push(old);
      context.diagnostics.error(protectedMessage(urn), urn);
    }
  }
  if (refused && !context.dryRun) throw new AlreadyReported();
  return kept;
}

/** The deletions that would take place: not of what is kept, nor of what that needs. */
function possible(
  context: DeploymentContext,
  deletes: readonly Step[],
  kept: readonly State[],
): readonly Step[] {
  if (kept.length === 0) return deletes;
  const needed = new Set(kept.flatMap((state) => [state, ...context.graph.transitiveDependenciesOf(state)]));
  return deletes.filter(({ old }) => old === undefined || !needed.has(old));
}

/** Dependents before what they depend on; what has nothing to do with each other goes at once. */
function schedule(context: DeploymentContext, deletes: readonly Step[]): Step[][] {
  const steps = new Map(deletes.flatMap((step) => (step.old === undefined ? [] : [[step.old, step]])));
  const depth = new Map<State, number>();
  const groups: Step[][] = [];
  // The list is in dependency order, so that the depth of what a resource needs is known before its own.
  for (const [state, step] of steps) {
    const needed = [...context.graph.dependenciesOf(state)].map((dependency) => depth.get(dependency) ?? -1);
    const own = Math.max(-1, ...needed) + 1;
    depth.set(state, own);
    (groups[own] ??= []).push(step);
  }
  return groups.reverse();
}
