import { isList, isPropertyMap, type PropertyMap, type Value } from "../../../values/value";
import { elementCode } from "../terraform/element-code";
import type { Field, Fields } from "../terraform/schema";
import { equal } from "../terraform/values";
import { toTerraform } from "./convert";

/** A change at the index at which a person looks for it: the old element's, or that of the new one's input. */
export interface SetChange {
  readonly index: number;
  readonly before: Value;
  readonly after: Value;
}

/**
 * Which elements of a set came and went. Planning brings sets into an order of its own, so added elements are
 * looked up in the inputs; where one cannot be found there, nothing can be said but that the set changed.
 */
export function setChanges(
  field: Field,
  old: readonly Value[],
  now: readonly Value[],
  inputs: readonly Value[],
): readonly SetChange[] | "unmatched" {
  const [oldCodes, newCodes] = [codes(field, old), codes(field, now)];
  const removed = [...oldCodes].filter(([code]) => !newCodes.has(code)).map(([, index]) => index);
  const added = [...newCodes].filter(([code]) => !oldCodes.has(code)).map(([, index]) => index);
  if (removed.length === 0 && added.length === 0) return [];
  if (inputs.length < now.length) return "unmatched";

  const changes = new Map<number, SetChange>();
  for (const index of removed) changes.set(index, { index, before: old[index] ?? null, after: null });
  const used = new Set<number>();
  for (const at of added.sort((a, b) => a - b)) {
    const after = now[at] ?? null;
    const index = inputs.findIndex((input, i) => !used.has(i) && couldBe(field, input, after));
    if (index < 0) return "unmatched";
    used.add(index);
    changes.set(index, { index, before: changes.get(index)?.before ?? null, after });
  }
  return [...changes.values()];
}

function codes(field: Field, elements: readonly Value[]): Map<string, number> {
  return new Map(elements.map((element, i) => [codeOf(field, element), i]));
}

function codeOf(field: Field, element: Value): string {
  const fields = field.fields;
  const plain = fields !== undefined && isPropertyMap(element) ? toTerraform(fields, element) : element;
  return elementCode(field, plain);
}

/** True where a planned element can have come from an input: what differs is computed, or an empty collection. */
function couldBe(field: Field, input: Value, planned: Value): boolean {
  const fields = field.fields;
  if (fields === undefined) return equal(input, planned);
  return isPropertyMap(input) && isPropertyMap(planned) && couldBeObject(fields, input, planned);
}

function couldBeObject(fields: Fields, input: PropertyMap, planned: PropertyMap): boolean {
  return Object.values(fields).every((field) => {
    const [given, value] = [input[field.name] ?? null, planned[field.name] ?? null];
    if (field.computed && given === null) return true;
    if (field.type === "list" || field.type === "set") {
      if (field.single && !isList(given) && !isList(value)) {
        return given === null || value === null ? given === value : couldBe(field, given, value);
      }
      if (given === null) return value === null || (isList(value) && value.length === 0);
      if (!isList(given) || !isList(value)) return false;
      const length = Math.max(given.length, value.length);
      return Array.from({ length }, (_, i) => couldBe(field, given[i] ?? null, value[i] ?? null)).every(
        Boolean,
      );
    }
    if (field.type === "map" && given === null) {
      return value === null || (isPropertyMap(value) && Object.keys(value).length === 0);
    }
    return equal(given, value);
  });
}
