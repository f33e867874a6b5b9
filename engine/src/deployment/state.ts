import type { ResourceState, Urn } from "../state/resource";
import { parseProviderReference } from "./urn";

/**
 * A resource while a deployment works on it. The planner and the snapshot know a resource by this object's
 * identity, and a step fills in what it learns (id, outputs, marks), so unlike the stored state it changes.
 */
export type State = { -readonly [Key in keyof ResourceState]: ResourceState[Key] };

/** Every resource `state` needs in the state before itself: provider, parent and dependencies of all kinds. */
export function allDependencies(state: State): Set<Urn> {
  const urns = new Set(state.dependencies);
  for (const list of Object.values(state.propertyDependencies)) for (const urn of list) urns.add(urn);
  if (state.parent !== undefined) urns.add(state.parent);
  if (state.deletedWith !== undefined) urns.add(state.deletedWith);
  if (state.provider !== undefined) urns.add(parseProviderReference(state.provider).urn);
  return urns;
}

/** The current time as the state writes it: RFC 3339, UTC. */
export const now = (): string => new Date().toISOString();
