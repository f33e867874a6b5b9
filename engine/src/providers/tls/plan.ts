import { isDeepStrictEqual } from "node:util";
import { unknown, Unknown, type PropertyMap, type Value } from "../../values/value";
import type { Attribute, Attributes } from "./attributes";
import { subjectFields } from "./subject";

/** The state of a resource: every attribute is there, null where it has no value. */
export type State = Readonly<Record<string, Value>>;

export interface Plan {
  /** The state after the change; unknown where only the change will tell. */
  readonly state: State;
  /** Names of the attributes that differ from the prior state, sorted. */
  readonly changed: readonly string[];
  /** Names of those whose change makes a new resource, sorted. */
  readonly replaces: readonly string[];
}

/** A type's own say about a plan: values it decides otherwise, attributes that make a new resource. */
export type Adjustment = (planned: State) => {
  readonly state: PropertyMap;
  readonly replaces: readonly string[];
};

/**
 * What the framework's `PlanResourceChange` answers: defaults, then what is not known yet, then the attributes'
 * and the type's own rules. `prior` is undefined for a new resource.
 * Source: `fwserver/server_planresourcechange.go` of terraform-plugin-framework, `pf/tfbridge/provider_diff.go`
 * of pulumi-terraform-bridge.
 */
export function plan(
  attributes: Attributes,
  prior: State | undefined,
  inputs: PropertyMap,
  adjust?: Adjustment,
): Plan {
  const config = stateOf(attributes, inputs);
  const drafted = mapAttributes(attributes, (attribute, name) => {
    const given = config[name] ?? null;
    return given ?? attribute.default ?? (attribute.computed ? (prior?.[name] ?? null) : null);
  });
  const settled =
    prior !== undefined && isDeepStrictEqual(drafted, prior)
      ? drafted
      : mapAttributes(attributes, (attribute, name) => {
          const found = attribute.computed && attribute.default === undefined && config[name] === null;
          if (!found) return drafted[name] ?? null;
          return attribute.keeps && prior !== undefined ? (prior[name] ?? null) : unknown;
        });
  const adjusted = adjust?.(settled);
  const state = { ...settled, ...adjusted?.state };
  if (prior === undefined) return { state, changed: [], replaces: [] };

  const changed = Object.keys(attributes).filter(
    (name) => !isDeepStrictEqual(state[name] ?? null, prior[name] ?? null),
  );
  const forced = changed.filter((name) => {
    const { replaces } = attributes[name] ?? {};
    return replaces === "always" || (replaces === "pem" && isPem(prior[name] ?? null));
  });
  const replaces = new Set([...forced, ...(adjusted?.replaces ?? [])]);
  return { state, changed: changed.sort(), replaces: [...replaces].sort() };
}

/** A state from inputs or recorded outputs: null for what they leave out. */
export function stateOf(attributes: Attributes, properties: PropertyMap): State {
  return mapAttributes(attributes, (attribute, name) => {
    const value = properties[name] ?? null;
    return attribute.kind === "subject" ? subjectOf(value) : value;
  });
}

/** A subject with all of its fields, so that a null and a missing field are the same. */
function subjectOf(value: Value): Value {
  if (value === null) return null;
  if (value instanceof Unknown) return mapAttributes(subjectFields, () => unknown);
  const given = value as PropertyMap;
  return mapAttributes(subjectFields, (_, name) => given[name] ?? null);
}

function mapAttributes(attributes: Attributes, map: (attribute: Attribute, name: string) => Value): State {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, map(attribute, name)]),
  );
}

function isPem(value: Value): boolean {
  return (
    typeof value === "string" && /^-----BEGIN [A-Za-z ]+-----\n[^]+\n-----END [A-Za-z ]+-----\n?$/.test(value)
  );
}
