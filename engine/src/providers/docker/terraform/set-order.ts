import { isList, isPropertyMap, isUnknown, Unknown, type Value } from "../../../values/value";
import type { Field, Fields } from "./schema";

/**
 * Sets are lists in state, in the order in which Terraform's type system iterates them: strings by their bytes,
 * objects by a text made of all their attributes. Source: `cty/set_internals.go` of go-cty.
 */
export function sorted(field: Field, elements: readonly Value[]): readonly Value[] {
  const byText = new Map<string, Value>();
  let unknowns = 0;
  for (const element of elements) {
    const text = orderText(field.fields, element);
    byText.set(isUnknown(element) ? `${text}${unknowns++}` : text, element);
  }
  return [...byText].sort(([a], [b]) => compareBytes(a, b)).map(([, element]) => element);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A text that orders and identifies an element; missing members of an object count as null. */
export function orderText(fields: Fields | undefined, element: Value): string {
  if (fields === undefined && typeof element === "string") return element;
  return fields === undefined ? text(element) : objectText(fields, element);
}

function objectText(fields: Fields, object: Value): string {
  if (object === null || object instanceof Unknown || !isPropertyMap(object)) return text(object);
  const parts = Object.keys(fields)
    .sort()
    .map((name) => {
      const value = object[name] ?? null;
      const inner = fields[name]?.fields;
      return inner !== undefined && isList(value)
        ? `[${value.map((item) => `${objectText(inner, item)};`).join("")}];`
        : `${text(value)};`;
    });
  return `<${parts.join("")}>`;
}

function text(value: Value): string {
  if (value instanceof Unknown) return "?";
  if (value === null) return "~";
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => `${text(item)};`).join("")}]`;
  const members = isPropertyMap(value) ? Object.entries(value) : [];
  const ordered = members.sort(([a], [b]) => compareBytes(a, b));
  return `{${ordered.map(([name, item]) => `${JSON.stringify(name)}:${text(item)};`).join("")}}`;
}

/** Go's `big.Float` prints ten significant digits. */
function numberText(value: number): string {
  if (Math.abs(value) < 1e10) return String(value);
  const [digits = "0", exponent = "0"] = value.toExponential(9).split("e+");
  return `${digits.replace(/\.?0+$/, "")}e+${exponent.padStart(2, "0")}`;
}
