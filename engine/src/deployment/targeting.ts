import type { DeploymentContext } from "./context";
import { AlreadyReported } from "./diagnostics";
import type { RegistrationDone } from "./goal";
import type { Plan } from "./plan";
import { allDependencies, type State } from "./state";
import type { Step } from "./step";

/** True where a resource takes part in a run that is limited to targets. */
export function isTargeted(plan: Plan, state: State): boolean {
  if (plan.targets.contains(state.urn)) return true;
  if (plan.options.targetDependents !== true) return false;
  return [...allDependencies(state)].some((urn) => plan.targetsActual.containsExplicitly(urn));
}

/**
 * Steps that leave `old`, which is not among the targets, as it is. What it needs and the program no longer
 * registers is brought over before it, or the new state would hold it after its dependents.
 */
export function untargetedSteps(
  context: DeploymentContext,
  plan: Plan,
  old: State,
  done?: RegistrationDone,
): Step[] {
  if (old.delete === true) return [];
  plan.registered.add(old.urn);
  plan.sames.add(old.urn);
  const before = [...allDependencies(old)].flatMap((urn) => {
    const dependency = context.olds.get(urn);
    return dependency === undefined || plan.isOperatedOn(urn)
      ? []
      : untargetedSteps(context, plan, dependency);
  });
  const same: Step = {
    op: "same",
    urn: old.urn,
    old,
    new: { ...old },
    logical: true,
    untargeted: true,
    done,
  };
  return [...before, same];
}

/** Refuses steps that need a resource which is not created because it is not among the targets. */
export function refuseSkippedDependencies(
  context: DeploymentContext,
  plan: Plan,
  steps: readonly Step[],
): void {
  if (plan.skippedCreates.size === 0) return;
  let refused = false;
  for (const { urn, new: state, skippedCreate } of steps) {
    if (state === undefined || skippedCreate === true) continue;
    for (const dependency of allDependencies(state)) {
      if (!plan.skippedCreates.has(dependency)) continue;
      refused = true;
      context.diagnostics.error(
        `Resource '${urn}' depends on '${dependency}' which was was not specified in --target list.`,
        urn,
      );
    }
  }
  // A preview goes on, to tell of all of them at once.
  if (refused && !context.dryRun) throw new AlreadyReported();
}
