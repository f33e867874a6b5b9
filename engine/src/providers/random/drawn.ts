import { isDeepStrictEqual } from "node:util";
import { isList, isPropertyMap, Secret, unknown, type PropertyMap, type Value } from "../../values/value";
import type { CheckFailure, DiffKind, DiffResult, ResourceType } from "../provider";
import { shapeFaults, type Shape } from "../shape";

/** A value that is drawn when the resource is created, and drawn anew when one of its inputs changes. */
export interface Drawn {
  readonly shape: Shape;
  /** What an input is when it is not given; an input without a default is left out then. */
  readonly defaults: PropertyMap;
  /** Inputs that say the same: each has the other's value when only one is given. */
  readonly synonyms?: readonly [string, string];
  /** Outputs that are known only once they are drawn. */
  readonly drawn: readonly string[];
  /** Terraform's schema version, which the bridge keeps in `__meta`; absent where it is 0. */
  readonly schemaVersion?: number;
  faults?(inputs: PropertyMap): CheckFailure[];
  draw(inputs: PropertyMap): DrawnValue | Promise<DrawnValue>;
}

interface DrawnValue {
  readonly id: string;
  readonly outputs: PropertyMap;
}

/** `drawn` as a resource type. Every input forces a replacement: a value that has been drawn is never changed. */
export function drawnType(drawn: Drawn): ResourceType {
  return {
    check: ({ news }) =>
      Promise.resolve({
        inputs: news,
        failures: [...shapeFaults(drawn.shape, news), ...(drawn.faults?.(completed(drawn, news)) ?? [])],
      }),
    diff: ({ oldOutputs, news }) => Promise.resolve(difference(drawn, oldOutputs, news)),
    create: async ({ inputs, preview }) => {
      const known = completed(drawn, inputs);
      if (preview) {
        const outputs = Object.fromEntries(drawn.drawn.map((name) => [name, unknown]));
        return { outputs: { ...known, ...outputs } };
      }
      const { id, outputs } = await drawn.draw(known);
      return { id, outputs: { ...bookkeeping(drawn, known), ...known, ...outputs } };
    },
    update: () => Promise.reject(new Error("a random value is never updated: every change replaces it")),
    delete: () => Promise.resolve(),
    read: ({ id, inputs, outputs }) => Promise.resolve({ id, inputs, outputs }),
  };
}

/** The inputs with the defaults of those that were not given. */
function completed({ defaults, synonyms }: Drawn, inputs: PropertyMap): PropertyMap {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
  const [one, other] = synonyms ?? [];
  if (one !== undefined && other !== undefined) {
    const value = given[one] ?? given[other];
    if (value !== undefined) Object.assign(given, { [one]: value, [other]: value });
  }
  return { ...defaults, ...given };
}

/** What the bridge keeps beside the outputs: the schema's version, and the inputs that were not given. */
function bookkeeping({ shape, schemaVersion, defaults }: Drawn, known: PropertyMap): PropertyMap {
  const absent = Object.keys(shape).filter((name) => !(name in known) && !(name in defaults));
  return {
    ...(schemaVersion === undefined
      ? {}
      : { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) }),
    __pulumi_raw_state_delta: {
      obj:
        absent.length === 0
          ? {}
          : { ps: Object.fromEntries(absent.map((name) => [name, new Secret({ replace: { raw: null } })])) },
    },
  };
}

function difference(drawn: Drawn, oldOutputs: PropertyMap, news: PropertyMap): DiffResult {
  const wanted = completed(drawn, news);
  const changes: Record<string, { kind: DiffKind; inputDiff: boolean }> = {};
  for (const name of Object.keys(drawn.shape)) {
    for (const [path, kind] of changesOf(name, oldOutputs[name] ?? null, wanted[name] ?? null)) {
      changes[path] = { kind, inputDiff: false };
    }
  }
  const names = [...new Set(Object.keys(changes).map((path) => path.split(/[.[]/, 1)[0] ?? path))];
  return {
    changes: names.length > 0 ? "some" : "none",
    diffs: names,
    replaces: names,
    deleteBeforeReplace: false,
    detailedDiff: changes,
  };
}

function* changesOf(path: string, before: Value, after: Value): Generator<[string, DiffKind]> {
  if (isDeepStrictEqual(before, after)) return;
  if (isPropertyMap(before) && isPropertyMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changesOf(`${path}.${name}`, before[name] ?? null, after[name] ?? null);
    }
  } else if (before === null || (isList(before) && before.length === 0)) yield [path, "add-replace"];
  else yield [path, after === null ? "delete-replace" : "update-replace"];
}
