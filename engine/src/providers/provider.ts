import type { PropertyMap } from "../values/value";
import type { Urn } from "../state/resource";

/**
 * A resource plugin, in process. The verbs are those of Pulumi's provider protocol
 * (`proto/pulumi/provider.proto`): what the real plugin answers, a provider here answers too.
 *
 * Values arrive without secret wrappers. In a preview they may contain `unknown`. The engine marks as secret
 * every output whose input of the same name was secret, and what `additionalSecretOutputs` names; a provider
 * wraps an output in `Secret` only where the real plugin does so by itself.
 */
export interface Provider {
  /** As in `pulumi:providers:NAME`. */
  readonly name: string;
  /** The plugin version whose behaviour this is; also the one the SDK package asks for. */
  readonly version: string;
  /** What the real plugin adds to the inputs of its own provider resource at check, if anything. */
  checkConfig?(inputs: PropertyMap): { inputs: PropertyMap; failures: readonly CheckFailure[] };
  /** How a change of the provider resource's own inputs is carried out; without it, any change updates. */
  diffConfig?(olds: PropertyMap, news: PropertyMap): DiffResult;
  /** A provider instance for one provider resource: its inputs may hold a host, SSH options and the like. */
  configure(inputs: PropertyMap): ConfiguredProvider;
}

export interface ConfiguredProvider {
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly functions: Readonly<Record<string, ProviderFunction>>;
}

/** A function of the provider, called by the program: also in previews. */
export type ProviderFunction = (args: PropertyMap, context: OperationContext) => Promise<InvokeResult>;

export interface InvokeResult {
  readonly result: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

/** One resource type. Unknown inputs and unsupported options are refused by name in `check`. */
export interface ResourceType {
  /** The plugin keeps a secret element of a list to itself; the bridged ones make the whole list secret. */
  readonly keepsSecretElements?: true;
  /** Fills in defaults and validates. `olds` are the inputs of the last run, absent for a new resource. */
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  /** In a preview nothing is created: `outputs` holds what is known already, `unknown` for the rest. */
  create(request: CreateRequest): Promise<CreateResult>;
  /** In a preview nothing is changed, as for `create`. */
  update(request: UpdateRequest): Promise<PropertyMap>;
  delete(request: DeleteRequest): Promise<void>;
  /** The resource as it is now; `undefined`: it is gone. A type that cannot be read returns what it got. */
  read?(request: ReadRequest): Promise<ReadResult | undefined>;
  /**
   * Takes back what a `create` that never ended has left: its run was killed before the state could hold an id.
   * Called before anything else of a run, never in a preview. Without it, creating has no effect outside the state.
   * Resolves with what was found and done, in one line; `undefined`: there was nothing. Fails with the way to put
   * it right by hand where it cannot be found out or done: the operation then stays pending.
   */
  recoverCreate?(request: RecoverCreateRequest): Promise<string | undefined>;
}

export interface CheckFailure {
  /** The input's name or path; empty where the whole resource is meant. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckRequest {
  readonly urn: Urn;
  readonly olds?: PropertyMap;
  readonly news: PropertyMap;
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export interface DiffRequest {
  readonly urn: Urn;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  /** Checked, with ignoreChanges already applied. */
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffResult {
  readonly changes: "none" | "some";
  /** Names of top-level properties whose change forces a replacement, as the plugin reports them. */
  readonly replaces: readonly string[];
  /** Names of top-level properties that changed. */
  readonly diffs: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Per property path (`ports[0].external`): what happened. `inputDiff`: compared inputs, not outputs. */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: DiffKind; readonly inputDiff: boolean }>>;
  /** Top-level outputs that stay as they are. */
  readonly stables?: readonly string[];
}

/** What every operation can use: to log, to be ended, to stay within its time. */
export interface OperationContext {
  /** Shown with the resource it belongs to. Never pass a secret. */
  log(severity: "debug" | "info" | "warning" | "error", message: string): void;
  /** Aborted when the user has asked twice to stop, or the time of `customTimeouts` is over. */
  readonly signal: AbortSignal;
  /** Seconds from `customTimeouts`; absent: the provider's default. */
  readonly timeout?: number;
}

export interface CreateRequest extends OperationContext {
  readonly urn: Urn;
  readonly inputs: PropertyMap;
  readonly preview: boolean;
}

export interface CreateResult {
  /** Absent in a preview, unless the real plugin has one even then. */
  readonly id?: string;
  readonly outputs: PropertyMap;
}

export interface RecoverCreateRequest extends OperationContext {
  readonly urn: Urn;
  /** Those of the interrupted creation: a generated name stands in them. */
  readonly inputs: PropertyMap;
  /** Ids of all resources of the stack: what carries one of them is not half made. */
  readonly knownIds: ReadonlySet<string>;
}

export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
}

export interface DeleteRequest extends OperationContext {
  readonly urn: Urn;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface ReadRequest extends OperationContext {
  readonly urn: Urn;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface ReadResult {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/**
 * The operation failed after the resource came into being (or changed) in part: the engine records
 * `id` and `outputs` with the message in `initErrors`, so that the next run goes on from there.
 */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: PropertyMap,
  ) {
    super(message);
    this.name = "PartialFailure";
  }
}
