import {
  isList,
  isPropertyMap,
  isUnknown,
  Unknown,
  unknown,
  type PropertyMap,
  type Value,
} from "../../../values/value";
import { elementField, isBlock, zero, type Field, type Fields } from "./schema";
import { elementCode } from "./element-code";
import { sorted } from "./set-order";
import { equal, items, mapElements, mapFields, member } from "./values";

/** What becomes of one property. `differs`: the SDK notes a change, though the value may end up the same. */
export interface Planned {
  readonly value: Value;
  readonly differs: boolean;
  readonly replace: boolean;
}

interface Mode {
  /** There is no prior state. */
  readonly create: boolean;
  /** Within a changed set everything is noted, changed or not. */
  readonly all: boolean;
  /** An element that leaves its set: defaults do not apply to it. */
  readonly removed?: boolean;
}

const keep = (value: Value): Planned => ({ value, differs: false, replace: false });

/**
 * How the SDK plans a property, from its prior value and the configured one (null: not there). The order of the
 * tests matters and is that of `schemaMap.diff*` and `InstanceDiff.Apply` in terraform-plugin-sdk.
 */
export function planField(field: Field, before: Value, config: Value, mode: Mode): Planned {
  switch (field.type) {
    case "list":
      return planList(field, before, config, mode);
    case "set":
      return planSet(field, before, config, mode);
    case "map":
      return planMap(field, before, config);
    default:
      return planPrimitive(field, before, config, mode);
  }
}

function planPrimitive(field: Field, before: Value, config: Value, mode: Mode): Planned {
  let after = config ?? (mode.removed ? null : (field.default ?? null));
  const isComputed = after instanceof Unknown;
  if (field.stateForm && after !== null && !isComputed) after = field.stateForm(after);
  const [oldText, newText] = [text(before), text(after ?? (before === null ? null : zero(field)))];

  if (oldText === newText && !mode.all && !isComputed) {
    if (oldText !== "" || !mode.create || !field.computed) return keep(before);
  }
  const gone = before !== null && after === null && !isComputed;
  if (gone && field.computed) return keep(before);
  const unknownYet = isComputed || (field.computed === true && !gone && newText === "");
  if (field.computed && !gone && oldText !== "" && newText === "") return keep(before);
  if (field.suppress?.(before ?? "", after ?? "")) return keep(before);

  const replace = field.forceNew === true && (oldText !== newText || unknownYet);
  if (unknownYet) return { value: unknown, differs: true, replace };
  if (gone) return { value: null, differs: true, replace };
  if (oldText === "" && newText === "") {
    return { value: field.type === "string" ? "" : null, differs: true, replace };
  }
  return { value: after, differs: true, replace };
}

function planList(field: Field, before: Value, given: Value, mode: Mode): Planned {
  if (given instanceof Unknown) return { value: unknown, differs: true, replace: field.forceNew === true };
  const config = emptyBlock(field, given) ? null : given;
  if (before !== null && config === null && field.computed) return keep(before);
  const [old, now] = [items(before), items(config)];
  if (!mode.all && config !== null && equal(old, readAsConfig(field, now))) return keep(before);
  if (field.suppress?.(old, readAsConfig(field, now))) return keep(before);

  const counted = old.length !== now.length;
  const unknownYet = old.length === 0 && now.length === 0 && field.computed === true;
  if (unknownYet) return { value: unknown, differs: true, replace: field.forceNew === true };

  const length = Math.max(old.length, now.length);
  const planned = Array.from({ length }, (_, i) => planElement(field, old[i] ?? null, now[i] ?? null, mode));
  const differs = counted || mode.all || planned.some((item) => item.differs);
  if (!differs) return keep(before ?? (isBlock(field) ? [] : null));
  return {
    value: planned.slice(0, now.length).map((item) => item.value),
    differs,
    replace: (counted && field.forceNew === true) || planned.some((item) => item.replace),
  };
}

function planMap(field: Field, before: Value, config: Value): Planned {
  const [old, now] = [isPropertyMap(before) ? before : {}, isPropertyMap(config) ? config : {}];
  const [oldSize, newSize] = [Object.keys(old).length, Object.keys(now).length];
  const unknownYet = oldSize === 0 && newSize === 0 && field.computed === true && before === null;
  if (unknownYet || (config !== null && isUnknown(config))) {
    return { value: unknown, differs: true, replace: field.forceNew === true };
  }
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  const differs = [...names].some((name) => !(name in old && name in now) || old[name] !== now[name]);
  if (!differs) return keep(before);
  return { value: now, differs, replace: field.forceNew === true };
}

function planSet(field: Field, before: Value, given: Value, mode: Mode): Planned {
  const isComputed = given instanceof Unknown;
  const config = isComputed || emptyBlock(field, given) ? null : given;
  if (before !== null && config === null && !isComputed && field.computed) return keep(before);
  const [old, now] = [items(before), items(config)];
  const oldByCode = new Map(old.map((item) => [code(field, item), item]));
  const newByCode = new Map(now.map((item) => [code(field, item), item]));
  const sameCodes =
    oldByCode.size === newByCode.size && [...newByCode.keys()].every((key) => oldByCode.has(key));
  if (!mode.all && config !== null && sameCodes) return keep(before);

  const forceNew = field.forceNew === true;
  if (isComputed || (field.computed && config === null)) {
    if (field.computed && old.length > 0) return keep(before);
    return { value: unknown, differs: true, replace: forceNew };
  }
  const leaving = [...oldByCode].filter(([key]) => !newByCode.has(key));
  const left = leaving.map(([, item]) =>
    planElement(field, item, null, { ...mode, all: true, removed: true }),
  );
  const staying = [...newByCode].map(([key, item]) =>
    planElement(field, oldByCode.get(key) ?? null, item, { ...mode, all: true }),
  );
  const counted = oldByCode.size !== newByCode.size;
  const parts = [...left, ...staying];
  if (!counted && !mode.all && parts.length === 0) return keep(before ?? (isBlock(field) ? [] : null));
  const value = sorted(
    field,
    staying.map((item) => item.value),
  );
  return { value, differs: true, replace: (counted && forceNew) || parts.some((item) => item.replace) };
}

function planElement(field: Field, before: Value, config: Value, mode: Mode): Planned {
  const fields = field.fields;
  if (fields === undefined) return planPrimitive(elementField(field), before, config, mode);
  const planned = Object.entries(fields).map(
    ([name, inner]) => [name, planField(inner, member(before, name), member(config, name), mode)] as const,
  );
  const results = planned.map(([, result]) => result);
  return {
    value: Object.fromEntries(planned.map(([name, result]) => [name, result.value])),
    differs: results.some((result) => result.differs),
    replace: results.some((result) => result.replace),
  };
}

/** The SDK drops empty blocks from a configuration: they are as good as not there. */
function emptyBlock(field: Field, value: Value): boolean {
  return isBlock(field) && items(value).length === 0;
}

/** Elements as the SDK reads them from a configuration: with defaults, and zero values for the rest. */
function readAsConfig(field: Field, elements: readonly Value[]): readonly Value[] {
  const fields = field.fields;
  return fields === undefined ? elements : elements.map((item) => completed(fields, item));
}

function completed(fields: Fields, object: Value): PropertyMap {
  return mapFields(fields, object, (field, value) => {
    const inner = field.fields;
    if (inner === undefined || value === null) return value ?? field.default ?? zero(field);
    return isList(value) ? mapElements(field, value, (item) => completed(inner, item)) : value;
  });
}

/** The identity of a configured (or prior) element, its defaults counting. */
function code(field: Field, element: Value): string {
  return field.fields === undefined
    ? elementCode(field, element)
    : elementCode(field, completed(field.fields, element));
}

function text(value: Value): string {
  if (value === null) return "";
  return value instanceof Unknown ? "\0unknown" : typeof value === "string" ? value : JSON.stringify(value);
}
