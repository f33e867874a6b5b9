import { isList, isPropertyMap, Unknown, type PropertyMap, type Value } from "../../../values/value";
import type { DiffKind } from "../../provider";
import { elementField, type Field, type Fields } from "../terraform/schema";
import { equal } from "../terraform/values";
import { metaKey } from "./convert";
import { listEdits } from "./list-edits";
import { setChanges } from "./set-changes";

export type DetailedDiff = Record<string, { readonly kind: DiffKind; readonly inputDiff: boolean }>;

/**
 * What differs between two states (as Pulumi properties), path by path, as `detailed_diff.go` of
 * pulumi-terraform-bridge finds it. `inputs` tell at which index a user wrote an element of a set. `replace` is
 * Terraform's own decision, which the diff then agrees with.
 */
export function detailedDiff(
  fields: Fields,
  before: PropertyMap,
  after: PropertyMap,
  inputs: PropertyMap,
  replace: boolean,
): DetailedDiff {
  const found = new Map<string, DiffKind>();
  for (const field of Object.values(fields)) {
    const [old, now] = [before[field.name] ?? null, after[field.name] ?? null];
    for (const [path, kind] of diffValue(field, field.name, old, now, inputs[field.name] ?? null, false)) {
      found.set(path, kind);
    }
  }
  const kinds = [...found].map(([path, kind]) => [path, replace ? kind : withoutReplace(kind)] as const);
  if (replace && !kinds.some(([, kind]) => kind.endsWith("-replace")))
    kinds.push([metaKey, "update-replace"]);
  return Object.fromEntries(
    kinds.sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, kind]) => [path, { kind, inputDiff: false }]),
  );
}

type Diffs = readonly (readonly [path: string, kind: DiffKind])[];

/** `parentForces`: the list, set or map this is an element of makes a new resource when it changes. */
function diffValue(
  field: Field,
  path: string,
  old: Value,
  now: Value,
  input: Value,
  parentForces: boolean,
): Diffs {
  // To the bridge an empty list is as good as none.
  if (isEmptyList(old)) return isEmptyList(now) ? [] : diffValue(field, path, null, now, input, parentForces);
  if (isEmptyList(now)) return diffValue(field, path, old, null, input, parentForces);
  if (old === null && now === null) return [];
  const forces = field.forceNew === true || parentForces;
  if (old === null || now === null) {
    const kind = old === null ? "add" : "delete";
    const present = now instanceof Unknown ? null : (now ?? old);
    return [[path, forced(kind, forces || valueForces(field, present))]];
  }
  if (now instanceof Unknown) return [[path, forced("update", forces)]];
  const fields = field.fields;
  if (field.single && fields !== undefined && isPropertyMap(old) && isPropertyMap(now)) {
    return diffObject(fields, path, old, now, input, field.forceNew === true);
  }
  if (field.type === "list" && isList(old) && isList(now)) return diffList(field, path, old, now, input);
  if (field.type === "set" && isList(old) && isList(now)) return diffSet(field, path, old, now, input);
  if (field.type === "map" && isPropertyMap(old) && isPropertyMap(now)) return diffMap(field, path, old, now);
  return equal(old, now) ? [] : [[path, forced("update", forces)]];
}

const isEmptyList = (value: Value): boolean => isList(value) && value.length === 0;

function diffObject(
  fields: Fields,
  path: string,
  old: PropertyMap,
  now: PropertyMap,
  input: Value,
  parentForces = false,
): Diffs {
  return Object.values(fields).flatMap((field) => {
    const given = isPropertyMap(input) ? (input[field.name] ?? null) : null;
    const at = `${path}.${field.name}`;
    return diffValue(field, at, old[field.name] ?? null, now[field.name] ?? null, given, parentForces);
  });
}

function diffElement(field: Field, path: string, old: Value, now: Value, input: Value): Diffs {
  const fields = field.fields;
  if (fields !== undefined && isPropertyMap(old) && isPropertyMap(now)) {
    return diffObject(fields, path, old, now, input);
  }
  if (fields === undefined) return diffValue(elementField(field), path, old, now, input, false);
  if (old === null && now === null) return [];
  const kind = old === null ? "add" : now === null ? "delete" : "update";
  const present = now instanceof Unknown ? null : (now ?? old);
  const forces = field.forceNew === true || elementForces(fields, present);
  return [[path, forced(kind, forces)]];
}

function diffList(
  field: Field,
  path: string,
  old: readonly Value[],
  now: readonly Value[],
  input: Value,
): Diffs {
  if (field.fields === undefined) {
    return listEdits(old, now).map(([i, kind]) => [`${path}[${i}]`, forced(kind, field.forceNew === true)]);
  }
  const given = isList(input) ? input : [];
  return Array.from({ length: Math.max(old.length, now.length) }, (_, i) =>
    diffElement(field, `${path}[${i}]`, old[i] ?? null, now[i] ?? null, given[i] ?? null),
  ).flat();
}

function diffSet(
  field: Field,
  path: string,
  old: readonly Value[],
  now: readonly Value[],
  input: Value,
): Diffs {
  const changes = setChanges(field, old, now, isList(input) ? input : []);
  if (changes === "unmatched") return [[path, forced("update", field.forceNew === true)]];
  const given = isList(input) ? input : [];
  return changes.flatMap(({ index, before, after }) =>
    diffElement(field, `${path}[${index}]`, before, after, given[index] ?? null),
  );
}

function diffMap(field: Field, path: string, old: PropertyMap, now: PropertyMap): Diffs {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const step = /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `["${name.replaceAll('"', '\\"')}"]`;
    const at = `${path}${step}`;
    return diffValue(
      elementField(field),
      at,
      old[name] ?? null,
      now[name] ?? null,
      null,
      field.forceNew === true,
    );
  });
}

/** True where a value brings along a property whose change makes a new resource. */
function valueForces(field: Field, value: Value): boolean {
  const fields = field.fields;
  if (field.forceNew) return true;
  if (fields === undefined) return false;
  return (isList(value) ? value : [value]).some((item) => elementForces(fields, item));
}

function elementForces(fields: Fields, value: Value): boolean {
  return (
    isPropertyMap(value) &&
    Object.values(fields).some(
      (field) => field.name in value && valueForces(field, value[field.name] ?? null),
    )
  );
}

function forced(kind: "add" | "delete" | "update", replace: boolean): DiffKind {
  return replace ? `${kind}-replace` : kind;
}

function withoutReplace(kind: DiffKind): DiffKind {
  return kind.replace("-replace", "") as DiffKind;
}
