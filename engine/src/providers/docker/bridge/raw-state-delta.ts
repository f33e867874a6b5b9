import { isList, isPropertyMap, type PropertyMap, type Value } from "../../../values/value";
import type { Field, Fields } from "../terraform/schema";

/**
 * `__pulumi_raw_state_delta`: how Pulumi's real plugin gets Terraform's own state back from the outputs: which
 * names differ from the usual snake case, what is a list, a set or a map, what was taken out of a list of one.
 * Source: `rawstate.go` of pulumi-terraform-bridge.
 */
export function rawStateDelta(fields: Fields, state: PropertyMap): PropertyMap {
  return objectDelta(fields, state);
}

function objectDelta(fields: Fields, object: PropertyMap): PropertyMap {
  const renamed: [string, string][] = [];
  const properties: [string, Value][] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (snakeCase(field.name) !== name) renamed.push([field.name, name]);
    const delta = valueDelta(field, object[name] ?? null);
    if (delta !== undefined) properties.push([field.name, delta]);
  }
  return {
    obj: {
      ...(properties.length > 0 ? { ps: Object.fromEntries(properties) } : {}),
      ...(renamed.length > 0 ? { renamed: Object.fromEntries(renamed) } : {}),
    },
  };
}

function valueDelta(field: Field, value: Value): PropertyMap | undefined {
  if (isList(value)) {
    const fields = field.fields;
    const deltas = value.map((item) =>
      fields !== undefined && isPropertyMap(item) ? objectDelta(fields, item) : undefined,
    );
    if (field.single) return { plu: { i: deltas[0] ?? {} } };
    const elements = deltas.flatMap((delta, i) => (delta === undefined ? [] : [[String(i), delta] as const]));
    return { arr: elements.length > 0 ? { el: Object.fromEntries(elements) } : {} };
  }
  return field.type === "map" && isPropertyMap(value) ? { map: {} } : undefined;
}

/** `dnsOpts` as `dns_opts`: what the bridge takes for granted without a schema. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
