import type { Urn } from "../state/resource";
import type { Goal, ReadGoal } from "./goal";
import type { State } from "./state";

/** The state a registration leads to, as far as it is known before any operation. */
export function stateOfGoal(goal: Goal, urn: Urn, old: State | undefined, alias: Urn | undefined): State {
  const { customTimeouts } = goal;
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.properties,
    outputs: {},
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
    ...(goal.parent === undefined ? {} : { parent: goal.parent }),
    ...(goal.protect === true ? { protect: true } : {}),
    ...(goal.provider === undefined ? {} : { provider: goal.provider }),
    ...list("additionalSecretOutputs", goal.additionalSecretOutputs),
    ...(alias === undefined ? {} : { aliases: [alias] }),
    ...(customTimeouts === undefined ? {} : { customTimeouts }),
    ...(goal.retainOnDelete === true ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith === undefined ? {} : { deletedWith: goal.deletedWith }),
    ...list("ignoreChanges", goal.ignoreChanges),
    ...list("replaceOnChanges", goal.replaceOnChanges),
    ...(old?.created === undefined ? {} : { created: old.created }),
    ...(old?.modified === undefined ? {} : { modified: old.modified }),
    ...(old?.importID === undefined ? {} : { importID: old.importID }),
    ...(old?.other === undefined ? {} : { other: old.other }),
  };
}

/** The state of a resource that is only read. */
export function stateOfRead(goal: ReadGoal, urn: Urn): State {
  return {
    urn,
    custom: true,
    id: goal.id,
    type: goal.type,
    inputs: goal.properties,
    outputs: {},
    external: true,
    dependencies: goal.dependencies,
    propertyDependencies: {},
    provider: goal.provider,
    ...(goal.parent === undefined ? {} : { parent: goal.parent }),
    ...list("additionalSecretOutputs", goal.additionalSecretOutputs),
  };
}

function list<Name extends keyof State>(
  name: Name,
  values: readonly string[],
): Partial<Record<Name, readonly string[]>> {
  return values.length === 0 ? {} : ({ [name]: values } as Record<Name, readonly string[]>);
}
