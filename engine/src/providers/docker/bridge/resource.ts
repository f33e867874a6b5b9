import {
  isList,
  isPropertyMap,
  isUnknown,
  Unknown,
  type PropertyMap,
  type Value,
} from "../../../values/value";
import {
  PartialFailure,
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type OperationContext,
  type ReadRequest,
  type ReadResult,
  type RecoverCreateRequest,
  type ResourceType,
  type UpdateRequest,
} from "../../provider";
import { applied, plan, refreshed } from "../terraform/plan";
import type { Fields } from "../terraform/schema";
import { autoname } from "./autoname";
import { defaultsKey, toPulumi, toTerraform } from "./convert";
import { detailedDiff } from "./detailed-diff";
import { checkInputs } from "./inputs";
import { metaOf, metaText, recorded, recovered } from "./outputs";
import { refreshedInputs } from "./refreshed-inputs";

/** Seconds. */
export interface Timeouts {
  readonly create: number;
  readonly delete: number;
  readonly update: number;
}

/** What a resource type is to Docker; states are Terraform objects (Terraform's names, every field there). */
export interface Bridged {
  readonly fields: Fields;
  /** Of Terraform's schema; recorded under `__meta`. */
  readonly schemaVersion: number;
  /** Absent: the type has none to record. */
  readonly timeouts?: Timeouts;
  /** The name is made up when the program gives none. */
  readonly autonamed: boolean;
  readonly deleteBeforeReplace: boolean;
  /** Faults that no single field shows. */
  problems?(inputs: PropertyMap): readonly CheckFailure[];
  create(state: PropertyMap, context: OperationContext): Promise<Created>;
  /** What is there now, by Terraform's name (`id` too, if it can change); `undefined`: nothing. The rest stays. */
  read(id: string, state: PropertyMap): Promise<PropertyMap | undefined>;
  /** Absent: every change makes a new resource. */
  update?(id: string, before: PropertyMap, after: PropertyMap, context: OperationContext): Promise<void>;
  delete(id: string, state: PropertyMap, context: OperationContext): Promise<void>;
  /** Takes back what a creation of `state` that was cut off has left; what it did, in one line. */
  readonly recover?: (
    state: PropertyMap,
    knownIds: ReadonlySet<string>,
    nameIsGenerated: boolean,
  ) => Promise<string | undefined>;
}

export interface Created {
  readonly id: string;
  /** Why the resource, though it exists now, is not what was asked for. */
  readonly fault?: string;
}

/** The resource type as the bridged plugin presents it to Pulumi. */
export function bridged(resource: Bridged): ResourceType {
  const { fields } = resource;
  const meta = (verb: "create" | "update", seconds: number | undefined): string | undefined =>
    metaText(
      resource.schemaVersion,
      resource.timeouts && { ...resource.timeouts, ...(seconds === undefined ? {} : { [verb]: seconds }) },
    );

  const { recover } = resource;
  return {
    ...(recover && {
      recoverCreate: ({ inputs, knownIds }: RecoverCreateRequest) => {
        const { state } = plan(fields, null, toTerraform(fields, inputs));
        return recover(known(state), knownIds, nameIsGenerated(inputs));
      },
    }),
    check: (request) => Promise.resolve(check(resource, request)),
    diff: (request) => Promise.resolve(diff(resource, request)),

    async create(request: CreateRequest): Promise<CreateResult> {
      const planned = plan(fields, null, toTerraform(fields, request.inputs)).state;
      const metadata = meta("create", request.timeout);
      if (request.preview) return { outputs: previewed(fields, planned, metadata) };
      const { id, fault } = await resource.create(known(planned), request);
      if (fault !== undefined) {
        const read = (await resource.read(id, known(planned)).catch(() => undefined)) ?? {};
        throw new PartialFailure(
          fault,
          id,
          recorded(fields, applied(fields, null, planned, read, id), metadata),
        );
      }
      const read = await resource.read(id, known(planned));
      if (read === undefined) throw new Error("It was gone again right after it had been created.");
      return { id, outputs: recorded(fields, applied(fields, null, planned, read, id), metadata) };
    },

    async update(request: UpdateRequest): Promise<PropertyMap> {
      const before = recovered(fields, request.oldOutputs, request.id);
      const planned = plan(fields, before, toTerraform(fields, request.inputs)).state;
      const metadata = meta("update", request.timeout);
      if (request.preview) return previewed(fields, planned, metadata);
      const after = applied(fields, before, planned, {}, request.id);
      await resource.update?.(request.id, before, after, request);
      return recorded(fields, after, metadata);
    },

    delete: (request: DeleteRequest) =>
      resource.delete(request.id, recovered(fields, request.outputs, request.id), request),

    async read(request: ReadRequest): Promise<ReadResult | undefined> {
      const before = recovered(fields, request.outputs, request.id);
      const read = await resource.read(request.id, before);
      if (read === undefined) return undefined;
      const id = typeof read["id"] === "string" ? read["id"] : request.id;
      const outputs = recorded(fields, refreshed(fields, before, read, id), metaOf(request.outputs));
      return { id, inputs: refreshedInputs(fields, request.inputs, outputs), outputs };
    },
  };
}

function check(resource: Bridged, { urn, olds, news }: CheckRequest): CheckResult {
  const names = resource.autonamed ? { name: (): Value => autoname(urn) } : {};
  const checked = checkInputs(resource.fields, olds, news, names);
  return { ...checked, failures: [...checked.failures, ...(resource.problems?.(checked.inputs) ?? [])] };
}

function diff(resource: Bridged, request: DiffRequest): DiffResult {
  const { fields } = resource;
  const before = recovered(fields, request.oldOutputs, request.id);
  const ignored = Object.keys(fields).filter((name) =>
    request.ignoreChanges.includes(fields[name]?.name ?? ""),
  );
  const planned = plan(fields, before, toTerraform(fields, request.news), new Set(ignored));
  const [old, now] = [toPulumi(fields, before), toPulumi(fields, planned.state)];
  const detailed = detailedDiff(fields, old, now, request.news, planned.replace);
  const changed = Object.entries(detailed);
  const top = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path;
  const replaces = changed.filter(([, { kind }]) => kind.endsWith("-replace")).map(([path]) => top(path));
  const stable = Object.values(fields).filter((field) => field.forceNew && !replaces.includes(field.name));
  const isChecked = Array.isArray(request.news[defaultsKey]);
  const named = resource.autonamed && isChecked && "name" in request.news && !nameIsGenerated(request.news);
  return {
    changes: planned.changed ? "some" : "none",
    replaces: planned.changed ? replaces.sort() : [],
    diffs: planned.changed ? [...new Set(changed.map(([path]) => top(path)))].sort() : [],
    deleteBeforeReplace: replaces.length > 0 && (resource.deleteBeforeReplace || named),
    detailedDiff: detailed,
    stables: stable.map((field) => field.name).sort(),
  };
}

function nameIsGenerated(inputs: PropertyMap): boolean {
  const defaults = inputs[defaultsKey];
  return Array.isArray(defaults) && defaults.includes("name");
}

/** The outputs of a preview: what is known, unknown for the rest. */
function previewed(fields: Fields, planned: PropertyMap, metadata: string | undefined): PropertyMap {
  const outputs = recorded(fields, planned, metadata);
  if (!Object.values(planned).some(isUnknown)) return outputs;
  // The delta tells how to store a state; there is none yet.
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith("__pulumi")));
}

/** A plan as the operations read it: null where it is unknown. */
function known(planned: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(planned).map(([name, value]) => [name, knownValue(value)]));
}

function knownValue(value: Value): Value {
  if (value instanceof Unknown) return null;
  if (isList(value)) return value.map(knownValue);
  return isPropertyMap(value) ? known(value) : value;
}
