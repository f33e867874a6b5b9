import { closest } from "fastest-levenshtein";
import { isList, isPropertyMap, Unknown, type PropertyMap, type Value } from "../values/value";
import type { CheckFailure } from "./provider";

export type Kind = "text" | "number" | "boolean" | "map" | "map of text" | "list of text" | "list";

export interface Property {
  readonly kind: Kind;
  readonly required?: boolean;
  /** The only values it takes, where not every one of its kind will do. */
  readonly values?: readonly string[];
}

/** The inputs of a resource type or a function by name. */
export type Shape = Readonly<Record<string, Property>>;

/** Every input that is unknown, missing or of the wrong kind. A value that is not known yet is of any kind. */
export function shapeFaults(shape: Shape, inputs: PropertyMap): CheckFailure[] {
  const known = Object.keys(shape);
  const faults: CheckFailure[] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const property = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (property === undefined) {
      faults.push({
        property: name,
        reason: `is not an input the embedded engine knows; did you mean ${closest(name, known)}? If not, install Pulumi`,
      });
    } else if (!isOf(property.kind, value)) {
      faults.push({ property: name, reason: `takes ${article(property.kind)}` });
    } else if (
      property.values !== undefined &&
      typeof value === "string" &&
      !property.values.includes(value)
    ) {
      faults.push({
        property: name,
        reason: `takes ${property.values.join(", ")}; found ${JSON.stringify(value)}`,
      });
    }
  }
  for (const [name, { required }] of Object.entries(shape)) {
    if (required === true && (inputs[name] ?? null) === null)
      faults.push({ property: name, reason: "is missing" });
  }
  return faults;
}

function isOf(kind: Kind, value: Value): boolean {
  if (value instanceof Unknown || value === null) return true;
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
    case "boolean":
      return typeof value === kind;
    case "map":
      return isPropertyMap(value);
    case "map of text":
      return isPropertyMap(value) && Object.values(value).every((item) => isOf("text", item));
    case "list of text":
      return isList(value) && value.every((item) => isOf("text", item));
    case "list":
      return isList(value);
    default:
      return kind satisfies never;
  }
}

function article(kind: Kind): string {
  return kind === "text" ? kind : `a ${kind}`;
}
