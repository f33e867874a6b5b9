import type { Urn } from "../state/resource";
import { allDependencies, type State } from "./state";
import { parseProviderReference } from "./urn";

/** Who depends on whom, from a list in which dependencies come before dependents. */
export class DependencyGraph {
  private readonly position: ReadonlyMap<State, number>;

  constructor(private readonly resources: readonly State[]) {
    this.position = new Map(resources.map((state, index) => [state, index]));
  }

  contains(state: State): boolean {
    return this.position.has(state);
  }

  /**
   * Everything that directly or indirectly depends on `root`, dependencies first. Being a child is no
   * dependency here. `ignore`: resources that cannot depend on it, and are not followed either.
   */
  dependingOn(root: State, ignore: ReadonlySet<Urn>): State[] {
    const start = this.position.get(root);
    if (start === undefined) return [];
    const urns = new Set([root.urn]);
    const dependents: State[] = [];
    for (const candidate of this.resources.slice(start + 1)) {
      if (ignore.has(candidate.urn) || !refersTo(candidate, urns)) continue;
      dependents.push(candidate);
      urns.add(candidate.urn);
    }
    return dependents;
  }

  /** `roots` and everything that directly or indirectly needs one of them, children too; dependencies first. */
  requiring(roots: readonly State[]): State[] {
    const urns = new Set(roots.map(({ urn }) => urn));
    return this.resources.filter((state) => {
      if (!urns.has(state.urn) && [...allDependencies(state)].every((urn) => !urns.has(urn))) return false;
      urns.add(state.urn);
      return true;
    });
  }

  /** What `state` needs directly: of several resources with one URN the last before it. */
  dependenciesOf(state: State): Set<State> {
    const end = this.position.get(state) ?? this.resources.length;
    const wanted = allDependencies(state);
    const found = new Map<Urn, State>();
    for (const candidate of this.resources.slice(0, end)) {
      if (wanted.has(candidate.urn)) found.set(candidate.urn, candidate);
    }
    return new Set(found.values());
  }

  /** What `state` needs, and what that needs, and so on. */
  transitiveDependenciesOf(state: State): Set<State> {
    const found = new Set<State>();
    const pending = [state];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const dependency of this.dependenciesOf(next)) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        pending.push(dependency);
      }
    }
    return found;
  }
}

function refersTo(state: State, urns: ReadonlySet<Urn>): boolean {
  if (state.provider !== undefined && urns.has(parseProviderReference(state.provider).urn)) return true;
  if (state.deletedWith !== undefined && urns.has(state.deletedWith)) return true;
  return (
    state.dependencies.some((urn) => urns.has(urn)) ||
    Object.values(state.propertyDependencies).some((list) => list.some((urn) => urns.has(urn)))
  );
}
