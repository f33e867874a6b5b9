import { closest } from "fastest-levenshtein";
import { isList, isPropertyMap, Unknown, type PropertyMap, type Value } from "../../values/value";
import type { CheckFailure } from "../provider";
import type { Attribute, Attributes } from "./attributes";
import { subjectFields } from "./subject";

/** Every input that is unknown, missing, of the wrong kind or out of range. What is not known yet is fine. */
export function faults(attributes: Attributes, inputs: PropertyMap, within = ""): CheckFailure[] {
  const known = Object.keys(attributes).filter((name) => attributes[name]?.use !== "output");
  const given = Object.entries(inputs).flatMap(([name, value]) => {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (attribute === undefined || attribute.use === "output") {
      const near = closest(name, known);
      const reason = `is not an input the embedded engine knows; did you mean ${near}? If not, install Pulumi`;
      return [{ property: within + name, reason }];
    }
    return valueFaults(attribute, value, within + name);
  });
  const missing = known.filter(
    (name) => attributes[name]?.use === "required" && (inputs[name] ?? null) === null,
  );
  return [...given, ...missing.map((name) => ({ property: within + name, reason: "is missing" }))];
}

function valueFaults(attribute: Attribute, value: Value, property: string): CheckFailure[] {
  if (value === null || value instanceof Unknown) return [];
  const fault = (reason: string): CheckFailure[] => [{ property, reason }];
  switch (attribute.kind) {
    case "text":
      return typeof value === "string" ? choiceFaults(attribute, value, property) : fault("takes text");
    case "boolean":
      return typeof value === "boolean" ? [] : fault("takes true or false");
    case "whole number": {
      const least = attribute.least ?? 0;
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return [];
      const found = typeof value === "number" ? `; found ${value}` : "";
      return fault(`takes a whole number from ${least} on${found}`);
    }
    case "list of text":
      if (!isList(value)) return fault("takes a list of text");
      return value.flatMap((item, index) => elementFaults(attribute, item, `${property}[${index}]`));
    case "subject":
      return isPropertyMap(value)
        ? faults(subjectFields, value, `${property}.`)
        : fault("takes an object of a subject's fields");
    default:
      return attribute.kind satisfies never;
  }
}

function elementFaults(attribute: Attribute, item: Value, property: string): CheckFailure[] {
  if (item instanceof Unknown) return [];
  if (typeof item !== "string") return [{ property, reason: "takes text" }];
  if (attribute.filled && item === "") return [{ property, reason: "may not be empty" }];
  return choiceFaults(attribute, item, property);
}

function choiceFaults({ values }: Attribute, value: string, property: string): CheckFailure[] {
  if (values === undefined || values.includes(value)) return [];
  return [{ property, reason: `takes ${values.join(", ")}; found ${JSON.stringify(value)}` }];
}
