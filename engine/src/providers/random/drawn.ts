import { isDeepStrictEqual } from "node:util";
import { Secret, unknown, type PropertyMap, type Value } from "../../values/value";
import type { CheckFailure, DiffResult, ResourceType } from "../provider";
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
  /** The value that an id given to `get` stands for, and the inputs it tells of; fails on one that is none. */
  recall(id: string): DrawnValue | Promise<DrawnValue>;
}

export interface DrawnValue {
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
    read: async ({ id, inputs, outputs }) => {
      if (drawn.drawn.some((name) => name in outputs)) return { id, inputs, outputs };
      const given = Object.keys(inputs);
      if (given.length > 0) {
        throw new Error(`a random value is read from its id alone; found also: ${given.sort().join(", ")}`);
      }
      const recalled = await drawn.recall(id);
      const known = completed(drawn, recalled.outputs);
      return { id: recalled.id, inputs, outputs: { ...bookkeeping(drawn, known), ...known } };
    },
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

/** What the bridge keeps beside the outputs: the schema's version, and what its JSON would not tell from null. */
function bookkeeping({ shape, schemaVersion, defaults }: Drawn, known: PropertyMap): PropertyMap {
  const delta: Record<string, Value> = {};
  for (const [name, { kind }] of Object.entries(shape)) {
    if (name in known) {
      if (kind === "map of text") delta[name] = { map: {} };
    } else if (!(name in defaults)) delta[name] = new Secret({ replace: { raw: null } });
  }
  return {
    ...(schemaVersion === undefined
      ? {}
      : { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) }),
    __pulumi_raw_state_delta: { obj: Object.keys(delta).length === 0 ? {} : { ps: delta } },
  };
}

/** The bridge tells the names of what changed, sorted, and no detail. */
function difference(drawn: Drawn, oldOutputs: PropertyMap, news: PropertyMap): DiffResult {
  const wanted = completed(drawn, news);
  const names = Object.keys(drawn.shape)
    .filter((name) => !isDeepStrictEqual(oldOutputs[name] ?? null, wanted[name] ?? null))
    .filter((name) => !(name === "overrideSpecial" && oldOutputs[name] === "" && wanted[name] === undefined))
    .sort();
  return {
    changes: names.length > 0 ? "some" : "none",
    diffs: names,
    replaces: names,
    deleteBeforeReplace: false,
  };
}
