import { isList, isPropertyMap, Unknown, type PropertyMap, type Value } from "../../../values/value";
import type { CheckFailure } from "../../provider";
import type { Field, Fields } from "../terraform/schema";
import { coerced, defaultsKey, isReserved } from "./convert";
import { closest } from "./closest";

/** The way out of everything the embedded engine leaves out. */
export const installPulumi =
  "install Pulumi (https://www.pulumi.com/docs/install) and run this program with it";

export interface CheckedInputs {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/** A default that the schema does not know: the name of a resource that was given none. */
export type ComputedDefaults = Readonly<Record<string, () => Value>>;

/**
 * Inputs as the real plugin's check returns them: scalars in the schema's types, defaults filled in and listed
 * under `__defaults` in every object, nulls gone. Defaults that are false, 0 or "" are left to Terraform. A
 * default of the last run (`olds`) stays as it was. All faults are reported at once.
 */
export function checkInputs(
  fields: Fields,
  olds: PropertyMap | undefined,
  news: PropertyMap,
  computed: ComputedDefaults = {},
): CheckedInputs {
  const failures: CheckFailure[] = [];
  const inputs = checkObject(fields, olds ?? {}, news, "", computed, failures);
  return { inputs, failures };
}

function checkObject(
  fields: Fields,
  olds: PropertyMap,
  news: PropertyMap,
  path: string,
  computed: ComputedDefaults,
  failures: CheckFailure[],
): PropertyMap {
  const byName = new Map(Object.values(fields).map((field) => [field.name, field]));
  const inputs: Record<string, Value> = {};
  for (const [name, value] of Object.entries(news)) {
    if (isReserved(name) || value === null) continue;
    const at = path === "" ? name : `${path}.${name}`;
    const field = byName.get(name);
    if (field === undefined) failures.push({ property: at, reason: unknownInput(name, fields) });
    else if (!isInput(field)) failures.push({ property: at, reason: "is an output: it cannot be set" });
    else if (field.left && value !== false)
      failures.push({ property: at, reason: `is not in the embedded engine: ${installPulumi}` });
    else inputs[name] = checkValue(field, olds[name] ?? null, value, at, failures);
  }

  const defaults: string[] = [];
  for (const field of byName.values()) {
    if (field.name in inputs || field.left) continue;
    const value = defaultOf(field, olds, computed[field.name]);
    if (value !== undefined) {
      inputs[field.name] = value;
      defaults.push(field.name);
    } else if (field.required && (news[field.name] ?? null) === null) {
      failures.push({ property: path === "" ? field.name : `${path}.${field.name}`, reason: "is required" });
    }
  }
  return { ...inputs, [defaultsKey]: defaults.sort() };
}

function defaultOf(field: Field, olds: PropertyMap, compute: (() => Value) | undefined): Value | undefined {
  if (field.default === undefined && compute === undefined) return undefined;
  const marked = olds[defaultsKey];
  const wasDefault = !isList(marked) || marked.includes(field.name);
  const old = olds[field.name];
  if (old !== undefined && wasDefault) return old;
  if (compute !== undefined) return compute();
  // Terraform must see that a false, 0 or "" was not given (pulumi-terraform-bridge #2618).
  return field.default === false || field.default === 0 || field.default === "" ? undefined : field.default;
}

function checkValue(field: Field, old: Value, value: Value, path: string, failures: CheckFailure[]): Value {
  if (value instanceof Unknown) return value;
  const inner = field.fields;
  const element = (item: Value, oldItem: Value, at: string): Value => {
    if (item instanceof Unknown) return item;
    if (inner === undefined) return checkScalar("string", item, at, failures);
    if (isPropertyMap(item)) {
      return checkObject(inner, isPropertyMap(oldItem) ? oldItem : {}, item, at, {}, failures);
    }
    failures.push({ property: at, reason: `must be an object, not ${kindOf(item)}` });
    return item;
  };
  switch (field.type) {
    case "list":
    case "set": {
      if (field.single && !isList(value)) return element(value, old, path);
      if (!isList(value)) {
        failures.push({ property: path, reason: `must be a list, not ${kindOf(value)}` });
        return value;
      }
      const before = isList(old) && field.type === "list" ? old : [];
      return value.map((item, i) => element(item, before[i] ?? null, `${path}[${i}]`));
    }
    case "map":
      if (!isPropertyMap(value)) {
        failures.push({ property: path, reason: `must be an object of strings, not ${kindOf(value)}` });
        return value;
      }
      return Object.fromEntries(
        Object.entries(value).flatMap(([name, item]) =>
          item === null ? [] : [[name, element(item, null, `${path}["${name}"]`)] as const],
        ),
      );
    default: {
      const scalar = checkScalar(field.type, value, path, failures);
      const problem =
        scalar === value || typeof scalar !== typeof value ? field.problem?.(scalar) : undefined;
      if (problem !== undefined)
        failures.push({ property: path, reason: `${problem}, not ${JSON.stringify(value)}` });
      return scalar;
    }
  }
}

function checkScalar(type: Field["type"], value: Value, path: string, failures: CheckFailure[]): Value {
  if (value instanceof Unknown) return value;
  const scalar = coerced(type, value);
  const [expected, words] =
    type === "int"
      ? ["number", "a whole number"]
      : type === "bool"
        ? ["boolean", "true or false"]
        : ["string", "text"];
  if (typeof scalar !== expected)
    failures.push({ property: path, reason: `must be ${words}, not ${kindOf(value)}` });
  return scalar;
}

const isInput = (field: Field): boolean => field.required === true || field.optional === true;

function unknownInput(name: string, fields: Fields): string {
  const known = Object.values(fields).filter(isInput);
  const near = closest(
    name,
    known.map((field) => field.name),
  );
  return `is not known${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function kindOf(value: Value): string {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  return isPropertyMap(value) ? "an object" : JSON.stringify(value);
}
