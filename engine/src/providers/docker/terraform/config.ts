import {
  isList,
  isPropertyMap,
  isUnknown,
  Unknown,
  type PropertyMap,
  type Value,
} from "../../../values/value";
import { isBlock, type Field, type Fields } from "./schema";
import { sorted } from "./set-order";
import { equal, items, mapFields, member } from "./values";

/** An object of Terraform's types: every field of the schema there, blocks at least empty, sets in order. */
export function typed(fields: Fields, object: Value): PropertyMap {
  return mapFields(fields, object, (field, value) => typedValue(field, value));
}

function typedValue(field: Field, value: Value): Value {
  if (value instanceof Unknown) return value;
  if (value === null) return isBlock(field) ? [] : null;
  const inner = field.fields;
  if (field.type === "list" || field.type === "set") {
    const elements = inner === undefined ? items(value) : items(value).map((item) => typed(inner, item));
    return field.type === "set" ? sorted(field, elements) : elements;
  }
  return value;
}

/**
 * What Terraform proposes before the provider has its say: the configuration, with the prior value of computed
 * properties that it does not set. Source: `plans/objchange` of OpenTofu.
 */
export function proposed(fields: Fields, prior: Value, config: Value): PropertyMap {
  return mapFields(fields, config, (field, value, name) => {
    const before = member(prior, name);
    const inner = field.fields;
    if (!isBlock(field) || inner === undefined) return field.computed && value === null ? before : value;
    if (!isList(value)) return value;
    if (field.type === "list") {
      return value.map((item, i) => {
        const beforeItem = items(before)[i];
        return beforeItem === undefined ? item : proposed(inner, beforeItem, item);
      });
    }
    return sorted(field, matched(inner, items(before), value));
  });
}

/** Each element of a set, completed from the prior element it can have come from. */
function matched(fields: Fields, before: readonly Value[], after: readonly Value[]): readonly Value[] {
  const free = [...before];
  return after.map((item) => {
    const at = free.findIndex((candidate) => couldComeFrom(fields, candidate, item));
    return at < 0 ? item : proposed(fields, free.splice(at, 1)[0] ?? null, item);
  });
}

function couldComeFrom(fields: Fields, prior: Value, config: Value): boolean {
  return Object.entries(fields).every(([name, field]) => {
    const [before, after] = [member(prior, name), member(config, name)];
    return equal(before, after) || (field.computed === true && after === null);
  });
}

/**
 * Brings null and empty values back that the SDK's flat text maps lose. `applied`: after a create or update,
 * where `source` is the plan; otherwise after a plan or a read. Source: `normalizeNullValues` of the SDK.
 */
export function withNulls(fields: Fields, target: Value, source: Value, applied: boolean): PropertyMap {
  return mapFields(fields, target, (field, value, name) =>
    withNull(field, value, member(source, name), applied),
  );
}

function withNull(field: Field, target: Value, source: Value, applied: boolean): Value {
  if (source instanceof Unknown) return target === null && !applied ? source : target;
  const collection = field.type === "list" || field.type === "set" || field.type === "map";
  if (collection && applied && target !== source) {
    if ((source === null && isEmpty(target)) || (isEmpty(source) && target === null)) return source;
  }
  if (source === null || target instanceof Unknown) return target;
  switch (field.type) {
    case "string":
      return target === null && source === "" ? source : target;
    case "set":
      return applied && !isUnknown(source) ? source : target;
    case "list": {
      const [before, after] = [items(source), items(target)];
      const inner = field.fields;
      if (target === null)
        return !applied && before.every((item) => item instanceof Unknown) ? source : target;
      if (inner === undefined || before.length !== after.length) return target;
      return after.map((item, i) => withNulls(inner, item, before[i] ?? null, applied));
    }
    default:
      return target;
  }
}

function isEmpty(value: Value): boolean {
  return isList(value) ? value.length === 0 : isPropertyMap(value) && Object.keys(value).length === 0;
}
