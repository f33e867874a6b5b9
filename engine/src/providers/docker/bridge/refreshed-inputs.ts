import { isList, isPropertyMap, type PropertyMap, type Value } from "../../../values/value";
import type { Field, Fields } from "../terraform/schema";
import { equal } from "../terraform/values";
import { defaultsKey } from "./convert";

interface Extracted {
  readonly value: Value;
  /** The value is what it was: if it was a default, it still is one. */
  readonly same: boolean;
}

/**
 * The inputs after a refresh: those of before, with what the outputs say now. An input that came from a default
 * and has changed is no longer listed as one. Source: `extractInputs` of pulumi-terraform-bridge.
 */
export function refreshedInputs(fields: Fields, inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return extractObject(fields, inputs, outputs).value as PropertyMap;
}

function extractObject(fields: Fields, inputs: PropertyMap, outputs: PropertyMap): Extracted {
  const byName = new Map(Object.values(fields).map((field) => [field.name, field]));
  const marked = inputs[defaultsKey];
  const defaults = new Set(isList(marked) ? marked : []);
  const extracted: Record<string, Value> = {};
  let same = true;
  for (const [name, value] of Object.entries(inputs)) {
    const part = name in outputs ? extract(byName.get(name), value, outputs[name] ?? null) : undefined;
    if (part !== undefined) extracted[name] = part.value;
    if (part?.same !== true) {
      same = false;
      defaults.delete(name);
    }
  }
  if (isList(marked)) extracted[defaultsKey] = [...defaults].map(String).sort();
  return { value: extracted, same: same || !isList(marked) };
}

function extract(field: Field | undefined, input: Value, output: Value): Extracted {
  if (isList(input) && isList(output)) return extractElements(field, input, output);
  if (isPropertyMap(input) && isPropertyMap(output)) {
    if (field?.fields !== undefined) return extractObject(field.fields, input, output);
    const kept = Object.keys(input).filter((name) => name in output);
    return {
      value: Object.fromEntries(kept.map((name) => [name, output[name] ?? null])),
      same: Object.entries(input).every(
        ([name, value]) => name in output && equal(value, output[name] ?? null),
      ),
    };
  }
  if (field?.stateForm && typeof input === "string" && typeof output === "string") {
    return { value: input, same: field.stateForm(input) === output };
  }
  return { value: output, same: equal(input, output) };
}

function extractElements(
  field: Field | undefined,
  inputs: readonly Value[],
  outputs: readonly Value[],
): Extracted {
  const fields = field?.fields;
  const pairs = field?.type === "set" && fields !== undefined ? bestPairs(inputs, outputs) : undefined;
  const parts = inputs.map((input, i) => {
    const at = pairs === undefined ? i : pairs.get(i);
    const output = at === undefined ? undefined : outputs[at];
    if (output === undefined) return undefined;
    const isObject = fields !== undefined && isPropertyMap(input) && isPropertyMap(output);
    return isObject ? extractObject(fields, input, output) : { value: output, same: equal(input, output) };
  });
  const found = parts.filter((part) => part !== undefined);
  return {
    value: found.map((part) => part.value),
    same: found.length === inputs.length && found.every((part) => part.same),
  };
}

/** Which output belongs to which input of a set: those that agree most, first come first served. */
function bestPairs(inputs: readonly Value[], outputs: readonly Value[]): Map<number, number> {
  const candidates = inputs.flatMap((input, i) =>
    outputs.map((output, o) => ({ i, o, score: likeness(input, output) })),
  );
  const [pairs, taken] = [new Map<number, number>(), new Set<number>()];
  for (const { i, o } of candidates.sort((a, b) => b.score - a.score)) {
    if (pairs.has(i) || taken.has(o)) continue;
    pairs.set(i, o);
    taken.add(o);
  }
  return pairs;
}

function likeness(a: Value, b: Value): number {
  if (!isPropertyMap(a) || !isPropertyMap(b)) return 0;
  return Object.entries(a).reduce(
    (score, [name, value]) => (name in b ? score + (equal(value, b[name] ?? null) ? 3 : 1) : score),
    0,
  );
}
