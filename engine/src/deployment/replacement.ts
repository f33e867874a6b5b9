import type { Urn } from "../state/resource";
import { pulumi } from "../values/command-line";
import { AlreadyReported } from "./diagnostics";
import type { DeploymentContext } from "./context";
import { applyReplaceOnChanges, asksForReplacement, askProvider, withUnknowns } from "./diffing";
import type { Plan } from "./plan";
import type { State } from "./state";
import type { Step } from "./step";
import { parseProviderReference } from "./urn";

interface DependentReplacement {
  readonly state: State;
  /** The properties that force it. */
  readonly keys: readonly string[];
}

/**
 * The dependents of `root` that must be replaced with it when it is deleted first: those whose provider,
 * asked with unknowns in place of what comes from a replaced resource, says so. Dependencies first.
 * Source: `calculateDependentReplacements` in `step_generator.go` of Pulumi.
 */
export async function dependentReplacements(
  context: DeploymentContext,
  plan: Plan,
  root: State,
): Promise<DependentReplacement[]> {
  const replaced = new Set<Urn>([root.urn]);
  const result: DependentReplacement[] = [];
  // What has been registered in this run cannot depend on a resource that comes only now.
  for (const state of context.graph.dependingOn(root, plan.processed())) {
    const keys = await replacementKeys(context, state, replaced);
    if (keys === undefined) continue;
    result.push({ state, keys });
    replaced.add(state.urn);
  }
  const seen = new Set(result.map(({ state }) => state.urn));
  for (const state of context.olds.values()) {
    if (state.deletedWith === root.urn && !seen.has(state.urn)) result.push({ state, keys: [] });
  }
  return result;
}

/** The steps that delete `old` and what must go with it, dependents first, before it is created anew. */
export async function deleteBeforeReplaceSteps(
  context: DeploymentContext,
  plan: Plan,
  old: State,
): Promise<Step[]> {
  const steps: Step[] = [];
  const dependents = context.graph.contains(old) ? await dependentReplacements(context, plan, old) : [];
  for (const { state, keys } of dependents.reverse()) {
    if (plan.condemned.has(state)) continue;
    plan.dependentReplaceKeys.set(state.urn, keys);
    if (state.delete !== true && state.protect === true) refuseProtected(context, state.urn, old.urn);
    steps.push({
      op: "delete-replaced",
      urn: state.urn,
      old: state,
      logical: false,
      awaitsReplacement: state.delete !== true,
    });
    plan.deletes.add(state.urn);
    plan.condemned.add(state);
  }
  // Deleted already by a run that was interrupted: it only has to be created again.
  if (old.pendingReplacement === true) return steps;
  plan.deletes.add(old.urn);
  steps.push({ op: "delete-replaced", urn: old.urn, old, logical: false, awaitsReplacement: true });
  return steps;
}

/** The properties for which `state` must be replaced; `undefined`: it need not be. */
async function replacementKeys(
  context: DeploymentContext,
  state: State,
  replaced: ReadonlySet<Urn>,
): Promise<readonly string[] | undefined> {
  if (!state.custom || state.external === true) return undefined;
  if (state.provider !== undefined && replaced.has(parseProviderReference(state.provider).urn)) return [];
  if (state.deletedWith !== undefined && replaced.has(state.deletedWith)) return [];
  const inputs = withUnknowns(state, replaced);
  if (inputs === undefined) return undefined;
  const answer = await askProvider(context, state, state, inputs, state.ignoreChanges ?? []);
  const diff = applyReplaceOnChanges(answer, state.replaceOnChanges ?? [], false);
  return asksForReplacement(diff) ? diff.replaces : undefined;
}

function refuseProtected(context: DeploymentContext, urn: Urn, cause: Urn): never {
  const { stack } = context.request;
  context.diagnostics.error(
    `unable to replace resource "${urn}" as part of replacing "${cause}" as it is currently marked for ` +
      "protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi " +
      `program and run \`${pulumi("up", stack)}\`, or use the command:\n` +
      `\`${pulumi(`state unprotect '${urn}'`, stack)}\``,
    cause,
  );
  throw new AlreadyReported();
}
