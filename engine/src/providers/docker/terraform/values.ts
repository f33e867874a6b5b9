import { isList, isPropertyMap, Unknown, unknown, type PropertyMap, type Value } from "../../../values/value";
import { zero, type Field, type Fields } from "./schema";
import { sorted } from "./set-order";

/** Deep equality; two unknowns are equal. Sets must have been brought into order. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof Unknown && b instanceof Unknown) return true;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null));
  if (isPropertyMap(a) && isPropertyMap(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => name in b && equal(a[name] ?? null, b[name] ?? null))
    );
  }
  return false;
}

/** A member of an object; null where it has none. */
export function member(object: Value | undefined, name: string): Value {
  return isPropertyMap(object) ? (object[name] ?? null) : null;
}

export const items = (value: Value | undefined): readonly Value[] => (isList(value) ? value : []);
export const entries = (value: Value | undefined): PropertyMap => (isPropertyMap(value) ? value : {});

/** `object` with `change` applied to each field of the schema; fields it does not have are null to `change`. */
export function mapFields(
  fields: Fields,
  object: Value,
  change: (field: Field, value: Value, name: string) => Value,
): PropertyMap {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, change(field, member(object, name), name)]),
  );
}

/** `change` applied to every object in a list or set of objects; sets are put in order again. */
export function mapElements(field: Field, value: readonly Value[], change: (item: Value) => Value): Value {
  const changed = value.map(change);
  return field.type === "set" ? sorted(field, changed) : changed;
}

/**
 * Zero values for everything missing *inside* lists and sets: Terraform's state readers never leave a hole
 * there. A missing property of the resource itself stays null.
 */
export function filled(field: Field, value: Value): Value {
  const fields = field.fields;
  if (fields === undefined || !isList(value)) return value;
  return mapElements(field, value, (item) =>
    mapFields(fields, item, (inner, innerValue) =>
      innerValue === null || innerValue instanceof Unknown ? zero(inner) : filled(inner, innerValue),
    ),
  );
}

/** What the plan leaves to the provider: computed properties without a value become unknown. */
export function withUnknowns(fields: Fields, object: Value): PropertyMap {
  return mapFields(fields, object, (field, value) => {
    if (value === null) return field.computed ? unknown : null;
    const inner = field.fields;
    if (inner === undefined || !isList(value)) return value;
    return mapElements(field, value, (item) => withUnknowns(inner, item));
  });
}

/** The SDK's fuzzy equality: null and the zero value are the same, at any depth. */
export function equivalent(a: Value, b: Value): boolean {
  if (equal(a, b)) return true;
  if (a instanceof Unknown || b instanceof Unknown) return false;
  const [emptyA, emptyB] = [isZero(a), isZero(b)];
  if (emptyA || emptyB) return emptyA && emptyB;
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, i) => equivalent(item, b[i] ?? null));
  }
  if (isPropertyMap(a) && isPropertyMap(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => equivalent(member(a, name), member(b, name)));
  }
  return false;
}

function isZero(value: Value): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (isList(value)) return value.length === 0;
  return isPropertyMap(value) && Object.keys(value).length === 0;
}
