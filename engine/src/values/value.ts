/**
 * What an input or an output of a resource can hold: JSON, plus the three things Pulumi adds to it.
 * Source: `sdk/go/common/resource/property_value.go` of Pulumi.
 */
export type Value =
  null | boolean | number | string | readonly Value[] | PropertyMap | Secret | Unknown | ResourceReference;

/** The properties of a resource by name. A property that is not set has no key (never `undefined`). */
export interface PropertyMap {
  readonly [name: string]: Value;
}

/**
 * A value that must not be shown and is encrypted in state. Only where a plugin makes it so does `value` hold further
 * secrets: marked, but not encrypted a second time.
 */
export class Secret {
  constructor(readonly value: Value) {}
}

/** A value that is known only after the resource that produces it has been created: previews only. */
export class Unknown {
  readonly kind = "unknown";
}
export const unknown = new Unknown();

/** A reference to another resource as a value. `id` is absent for components and `unknown` in previews. */
export class ResourceReference {
  constructor(
    readonly urn: string,
    readonly id?: string | Unknown,
    readonly packageVersion?: string,
  ) {}
}

/** True for a plain object of properties, false for null, arrays and the special classes. */
export function isPropertyMap(value: Value | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown) &&
    !(value instanceof ResourceReference)
  );
}

/** True for an array of values. `Array.isArray` alone does not narrow a readonly array. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** `value` without its secret wrappers, at any depth. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.value);
  if (isList(value)) return value.map(reveal);
  if (isPropertyMap(value)) return revealAll(value);
  return value;
}

/** `properties` without their secret wrappers, at any depth. */
export function revealAll(properties: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, reveal(value)]));
}

/** True where `value` is or contains (at any depth) something `test` accepts. */
export function contains(value: Value, test: (value: Value) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return contains(value.value, test);
  if (isList(value)) return value.some((item) => contains(item, test));
  if (isPropertyMap(value)) return Object.values(value).some((item) => contains(item, test));
  return false;
}

export const isSecret = (value: Value): boolean => contains(value, (part) => part instanceof Secret);
export const isUnknown = (value: Value): boolean => contains(value, (part) => part instanceof Unknown);
