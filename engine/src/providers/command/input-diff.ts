import { isDeepStrictEqual } from "node:util";
import { isList, isPropertyMap, type PropertyMap, type Value } from "../../values/value";
import type { DiffKind, DiffResult } from "../provider";

/**
 * What differs between the inputs of the last run and of this one, path by path (`environment.STEP`, `triggers[0]`),
 * as the go-provider library tells it. A change below one of `replacing` forces a replacement.
 */
export function inputDiff(olds: PropertyMap, news: PropertyMap, replacing: readonly string[]): DiffResult {
  const detailedDiff: Record<string, { kind: DiffKind; inputDiff: boolean }> = {};
  const diffs: string[] = [];
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const suffix = replacing.includes(name) ? "-replace" : "";
    const changes = [...changesOf(name, olds[name], news[name])];
    if (changes.length > 0) diffs.push(name);
    for (const [path, kind] of changes) detailedDiff[path] = { kind: `${kind}${suffix}`, inputDiff: false };
  }
  return {
    changes: diffs.length > 0 ? "some" : "none",
    diffs,
    // The library tells it by the kinds alone.
    replaces: [],
    deleteBeforeReplace: false,
    detailedDiff,
  };
}

type Change = [path: string, kind: "add" | "delete" | "update"];

function* changesOf(path: string, before: Value | undefined, after: Value | undefined): Generator<Change> {
  if (before === undefined && after === undefined) return;
  if (before === undefined) yield [path, "add"];
  else if (after === undefined) yield [path, "delete"];
  else if (isList(before) && isList(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      yield* changesOf(`${path}[${index}]`, before[index], after[index]);
    }
  } else if (isPropertyMap(before) && isPropertyMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changesOf(joined(path, name), before[name], after[name]);
    }
  } else if (!isDeepStrictEqual(before, after)) yield [path, "update"];
}

/** Pulumi's property paths: a name that is no identifier stands in brackets. */
function joined(path: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}
