import { isList, isPropertyMap, Unknown, type PropertyMap, type Value } from "../../../values/value";
import type { Field, Fields } from "../terraform/schema";
import { typed } from "../terraform/config";

/** Keys of Pulumi's own in inputs and outputs of bridged resources. */
export const defaultsKey = "__defaults";
export const metaKey = "__meta";
export const deltaKey = "__pulumi_raw_state_delta";
export const isReserved = (name: string): boolean =>
  name === defaultsKey || name === metaKey || name === deltaKey;

/** Pulumi properties as a Terraform object: its names, its types, single elements in lists. */
export function toTerraform(fields: Fields, properties: PropertyMap): PropertyMap {
  return typed(fields, renamed(fields, properties));
}

function renamed(fields: Fields, properties: Value): PropertyMap {
  const given = isPropertyMap(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, toTerraformValue(field, given[field.name] ?? null)]),
  );
}

function toTerraformValue(field: Field, value: Value): Value {
  if (value === null || value instanceof Unknown) return value;
  const inner = field.fields;
  if (field.type === "list" || field.type === "set") {
    const elements = isList(value) ? value : [value];
    return elements.map((item) =>
      item instanceof Unknown ? item : inner === undefined ? coerced("string", item) : renamed(inner, item),
    );
  }
  if (field.type === "map") {
    return isPropertyMap(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coerced("string", item)]))
      : value;
  }
  return coerced(field.type, value);
}

/** A scalar in the type of its field, where the bridge converts it; otherwise as it is. */
export function coerced(type: Field["type"], value: Value): Value {
  if (type === "string" && (typeof value === "boolean" || typeof value === "number")) return String(value);
  if (type === "int" && typeof value === "string" && /^[+-]?\d+$/.test(value)) return Number(value);
  if (type === "int" && typeof value === "number") return Math.trunc(value);
  if (type === "bool" && typeof value === "string") {
    if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  }
  return value;
}

/** A Terraform object as Pulumi properties: all of them, nulls and empties included. */
export function toPulumi(fields: Fields, object: PropertyMap): PropertyMap {
  const properties = Object.entries(fields).map(
    ([name, field]) => [field.name, toPulumiValue(field, object[name] ?? null)] as const,
  );
  return Object.fromEntries("id" in object ? [...properties, ["id", object["id"] ?? null]] : properties);
}

function toPulumiValue(field: Field, value: Value): Value {
  if (!isList(value)) return value;
  const inner = field.fields;
  const elements = value.map((item) =>
    inner !== undefined && isPropertyMap(item) ? toPulumi(inner, item) : item,
  );
  return field.single ? (elements[0] ?? null) : elements;
}
