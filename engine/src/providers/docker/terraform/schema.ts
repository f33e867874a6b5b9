import type { Value } from "../../../values/value";

/**
 * What Terraform's plugin SDK knows of a property. The real plugin is a bridged Terraform provider, so its
 * diffs, defaults and null values follow from this table and the rules in this folder.
 * Source: `helper/schema` of terraform-plugin-sdk v2, and the schemas of terraform-provider-docker 4.5.0.
 */
export interface Field {
  /** The property's name in Pulumi. */
  readonly name: string;
  /** Elements of lists, sets and maps are strings unless `fields` says they are objects. */
  readonly type: "bool" | "int" | "string" | "list" | "set" | "map";
  readonly fields?: Fields;
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  /** A change makes a new resource. */
  readonly forceNew?: true;
  readonly default?: boolean | number | string;
  /** A list or set of at most one element: Pulumi shows the element itself, or null. */
  readonly single?: true;
  /** How an input is written in state, where it differs. */
  readonly stateForm?: (value: Value) => Value;
  /** True where a change from `before` to `after` is none. */
  readonly suppress?: (before: Value, after: Value) => boolean;
  /** What is wrong with a value, as a clause ("must be 0 or more"); nothing when it is fine. */
  readonly problem?: (value: Value) => string | undefined;
  /** An option of the real plugin that the embedded engine leaves out. */
  readonly left?: true;
}

/** By Terraform's name. */
export type Fields = Readonly<Record<string, Field>>;

/** Lists and sets of objects that a user may set: never null, at least empty (Terraform's nested blocks). */
export function isBlock(field: Field): boolean {
  return field.fields !== undefined && (field.required === true || field.optional === true);
}

export const isScalar = (field: Field): boolean => ["bool", "int", "string"].includes(field.type);

/** A field for the elements of a list or set of strings; a change of one replaces when the list does. */
export function elementField(field: Field): Field {
  return { name: field.name, type: "string", ...(field.forceNew ? { forceNew: true as const } : {}) };
}

/** Go's zero value. */
export function zero(field: Field): Value {
  switch (field.type) {
    case "bool":
      return false;
    case "int":
      return 0;
    case "string":
      return "";
    case "map":
      return {};
    default:
      return [];
  }
}

/** Short ways to write a schema down. */
type Rest = Partial<Omit<Field, "name" | "type">>;
const make =
  (type: Field["type"]) =>
  (name: string, ...rest: readonly Rest[]): Field =>
    Object.assign({ name, type }, ...rest) as Field;

export const bool = make("bool");
export const int = make("int");
export const string = make("string");
export const list = make("list");
export const set = make("set");
export const map = make("map");
export const required: Rest = { required: true };
export const optional: Rest = { optional: true };
export const computed: Rest = { computed: true };
export const forceNew: Rest = { forceNew: true };
export const left: Rest = { left: true };
