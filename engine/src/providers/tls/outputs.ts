import { isList, isPropertyMap, Secret, Unknown, type PropertyMap, type Value } from "../../values/value";
import type { Attributes } from "./attributes";
import type { State } from "./plan";
import { subjectFields } from "./subject";

/** Terraform's schema version and the bridge's way back to Terraform's state, beside the outputs. */
export function recorded(attributes: Attributes, schemaVersion: number, state: State): PropertyMap {
  return {
    ...(schemaVersion > 0 ? { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) } : {}),
    __pulumi_raw_state_delta: objectDelta(attributes, state, {}),
    ...outputs(attributes, state),
  };
}

/** What a state shows: what has a value or will have one; private keys as secrets. */
export function outputs(attributes: Attributes, state: State): PropertyMap {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => {
        const secret = attributes[name]?.sensitive === true && !(value instanceof Unknown);
        const shown = isPropertyMap(value) ? outputs(subjectFields, value) : value;
        return [name, secret ? new Secret(shown) : shown];
      }),
  );
}

/**
 * `__pulumi_raw_state_delta`: what the outputs do not tell of Terraform's state: lists, nulls, and the subject,
 * which is a list of at most one. Source: `rawstate.go` of pulumi-terraform-bridge.
 */
function objectDelta(
  attributes: Attributes,
  state: State,
  renamed: Readonly<Record<string, string>>,
): PropertyMap {
  const properties: Record<string, Value> = {};
  for (const [name, { kind }] of Object.entries(attributes)) {
    const value = state[name] ?? null;
    if (value === null) {
      properties[name] = new Secret({ replace: { raw: kind === "subject" ? [] : null } });
    } else if (isPropertyMap(value)) {
      properties[name] = {
        plu: { i: objectDelta(subjectFields, value, { streetAddresses: "street_address" }) },
      };
    } else if (isList(value)) {
      properties[name] = { arr: {} };
    }
  }
  return {
    obj: {
      ...(Object.keys(properties).length > 0 ? { ps: properties } : {}),
      ...(Object.keys(renamed).length > 0 ? { renamed } : {}),
    },
  };
}
