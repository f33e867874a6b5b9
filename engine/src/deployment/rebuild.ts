import type { Urn } from "../state/resource";
import type { State } from "./state";

/**
 * `resources` with what a refresh has found in their place, and without those that are gone. What refers to a
 * resource that is gone loses the reference; its children move up to its parent.
 * Source: `rebuildBaseState` in `deployment_executor.go` of Pulumi.
 */
export function rebuild(
  resources: readonly State[],
  current: ReadonlyMap<State, State | undefined>,
): readonly State[] {
  const present = new Set<Urn>();
  const parents = new Map<Urn, Urn | undefined>();
  const result: State[] = [];
  for (const old of resources) {
    parents.set(old.urn, old.parent);
    const state = current.has(old) ? current.get(old) : old;
    if (state === undefined) continue;
    result.push(repair(state, present, parents));
    present.add(state.urn);
  }
  return result;
}

function repair(state: State, present: ReadonlySet<Urn>, parents: ReadonlyMap<Urn, Urn | undefined>): State {
  const has = (urn: Urn): boolean => present.has(urn);
  const parent = livingParent(state.parent, present, parents);
  const complete =
    parent === state.parent &&
    state.dependencies.every(has) &&
    Object.values(state.propertyDependencies).every((urns) => urns.every(has)) &&
    (state.deletedWith === undefined || has(state.deletedWith));
  if (complete) return state;
  const repaired: State = {
    ...state,
    dependencies: state.dependencies.filter(has),
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([name, urns]) => [name, urns.filter(has)]),
    ),
  };
  if (parent === undefined) delete repaired.parent;
  else repaired.parent = parent;
  if (state.deletedWith !== undefined && !has(state.deletedWith)) delete repaired.deletedWith;
  return repaired;
}

function livingParent(
  parent: Urn | undefined,
  present: ReadonlySet<Urn>,
  parents: ReadonlyMap<Urn, Urn | undefined>,
): Urn | undefined {
  let urn = parent;
  while (urn !== undefined && !present.has(urn)) urn = parents.get(urn);
  return urn;
}
