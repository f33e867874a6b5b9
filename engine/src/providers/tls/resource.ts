import { revealAll, Secret, Unknown, type PropertyMap } from "../../values/value";
import type { DiffRequest, DiffResult, OperationContext, ResourceType } from "../provider";
import type { Attributes } from "./attributes";
import { faults } from "./check";
import { outputs, recorded } from "./outputs";
import { plan, stateOf, type Adjustment, type State } from "./plan";

/** A resource type of Terraform's tls provider. All of them only ever live in the state. */
export interface Definition {
  readonly attributes: Attributes;
  /** Terraform's schema version; the bridge keeps it in `__meta` unless it is 0. */
  readonly schemaVersion: number;
  readonly adjust?: Adjustment;
  /** Makes the thing from a plan: the values the plan does not know; one of them is the `id`. */
  readonly create: (planned: State, context: OperationContext) => Promise<Created> | Created;
  /** What a refresh changes. */
  readonly refreshed?: (state: State) => PropertyMap;
}

export type Created = PropertyMap & { readonly id: string };

/** `definition` as the bridged plugin presents it to Pulumi: names of what changed, sorted, and no detail. */
export function tlsResource(definition: Definition): ResourceType {
  const { schemaVersion } = definition;
  const attributes: Attributes = {
    ...definition.attributes,
    id: { kind: "text", use: "output", computed: true, ...keptId(definition.attributes) },
  };
  const planned = (olds: PropertyMap | undefined, news: PropertyMap) =>
    plan(attributes, olds && stateOf(attributes, revealAll(olds)), news, definition.adjust);

  return {
    check: ({ news }) =>
      Promise.resolve({ inputs: secretly(attributes, news), failures: faults(attributes, news) }),
    diff: ({ oldOutputs, news }: DiffRequest): Promise<DiffResult> => {
      const { changed, replaces } = planned(oldOutputs, news);
      return Promise.resolve({
        changes: changed.length > 0 ? "some" : "none",
        diffs: changed,
        replaces,
        deleteBeforeReplace: false,
      });
    },
    create: async (request) => {
      const { state } = planned(undefined, request.inputs);
      if (request.preview) return { outputs: outputs(attributes, state) };
      const made = await definition.create(state, request);
      return { id: made.id, outputs: recorded(attributes, schemaVersion, { ...state, ...made }) };
    },
    update: ({ oldOutputs, inputs, preview }) => {
      const { state } = planned(oldOutputs, inputs);
      return Promise.resolve(
        preview ? outputs(attributes, state) : recorded(attributes, schemaVersion, state),
      );
    },
    delete: () => Promise.resolve(),
    read: ({ id, inputs, outputs: olds }) => {
      if (olds["id"] === undefined) return Promise.reject(new Error(notImported));
      const state = stateOf(attributes, revealAll(olds));
      const read = recorded(attributes, schemaVersion, { ...state, ...definition.refreshed?.(state) });
      return Promise.resolve({ id, inputs: secretly(attributes, inputs), outputs: read });
    },
  };
}

/** `inputs` with the private keys among them as secrets, also where they are not known yet. */
function secretly(attributes: Attributes, inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      attributes[name]?.sensitive && (typeof value === "string" || value instanceof Unknown)
        ? new Secret(value)
        : value,
    ]),
  );
}

const notImported = "Resource Import Not Implemented: keys, requests and certificates live in the state only";

/** The id is kept in plans where every other computed value is. */
function keptId(attributes: Attributes): { readonly keeps?: true } {
  return Object.values(attributes).some(({ keeps }) => keeps) ? { keeps: true } : {};
}
