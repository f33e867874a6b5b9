import { Unknown, unknown, type PropertyMap, type Value } from "../../../values/value";
import { proposed, withNulls } from "./config";
import { planField, type Planned } from "./plan-field";
import { isScalar, zero, type Fields } from "./schema";
import { equal, equivalent, filled, mapFields, member, withUnknowns } from "./values";

export interface Plan {
  /** The state after the change; unknown where only the provider will know. */
  readonly state: PropertyMap;
  /** The change cannot be made in place. */
  readonly replace: boolean;
  /** False: the planned state is the prior one. */
  readonly changed: boolean;
}

/**
 * What the SDK's `PlanResourceChange` answers. `prior` is null for a new resource; `config` has the types of
 * the schema. Changes of the fields in `ignored` (Terraform's names) are left out.
 */
export function plan(
  fields: Fields,
  prior: PropertyMap | null,
  config: PropertyMap,
  ignored: ReadonlySet<string> = new Set(),
): Plan {
  const create = prior === null;
  const wanted = proposed(fields, prior, config);
  let differs = create;
  let replace = false;

  const drafted = mapFields(fields, wanted, (field, value, name) => {
    const before = filled(field, member(prior, name));
    const planned: Planned = planField(field, before, value, { create, all: false });
    if (ignored.has(name)) return before;
    differs ||= planned.differs;
    replace ||= planned.replace;
    return planned.value;
  });

  if (!differs) return { state: prior ?? {}, replace: false, changed: false };
  const id: Value = create ? unknown : member(prior, "id");
  let state = withNulls(fields, drafted, wanted, false);
  if (create) return { state: { ...withUnknowns(fields, state), id }, replace: false, changed: true };

  state = { ...state, id };
  if (equivalent(prior, state) || equal(prior, state))
    return { state: prior, replace: false, changed: false };
  return { state, replace, changed: true };
}

/**
 * The state after a create or an update: what the provider has `read` back of the resource wins over the plan,
 * and what nobody knows is null (an empty set for sets). A scalar that an update removes becomes its zero value.
 */
export function applied(
  fields: Fields,
  prior: PropertyMap | null,
  planned: PropertyMap,
  read: PropertyMap,
  id: string,
): PropertyMap {
  const state = mapFields(fields, planned, (field, value, name) => {
    if (name in read) return filled(field, read[name] ?? null);
    if (value === null && isScalar(field) && member(prior, name) !== null) return zero(field);
    if (value instanceof Unknown) return field.type === "set" ? [] : null;
    return filled(field, value);
  });
  return { ...withNulls(fields, state, planned, true), id };
}

/** The state after a refresh: what was `read`, and the rest as it was. */
export function refreshed(fields: Fields, prior: PropertyMap, read: PropertyMap, id: string): PropertyMap {
  const state = mapFields(fields, prior, (field, value, name) =>
    filled(field, name in read ? (read[name] ?? null) : value),
  );
  return { ...withNulls(fields, state, prior, false), id };
}
