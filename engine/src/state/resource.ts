import type { PropertyMap } from "../values/value";

export type Urn = string;

/**
 * One resource as the state keeps it. Field for field what Pulumi's checkpoint holds
 * (`sdk/go/common/apitype/core.go`, ResourceV3), with values decoded and secrets decrypted.
 */
export interface ResourceState {
  readonly urn: Urn;
  /** True for resources a provider manages, false for components. */
  readonly custom: boolean;
  /** Marked for deletion: it has been replaced, and its old self still exists. */
  readonly delete?: boolean;
  /** What the provider calls the resource; absent for components. */
  readonly id?: string;
  readonly type: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly parent?: Urn;
  readonly protect?: boolean;
  readonly external?: boolean;
  readonly dependencies: readonly Urn[];
  readonly initErrors?: readonly string[];
  /** `URN::ID` of the provider resource; absent for components. */
  readonly provider?: string;
  /** Per input, the resources its value came from. */
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  /** Deleted already, in the middle of a delete-before-replace; must be created anew. */
  readonly pendingReplacement?: boolean;
  readonly additionalSecretOutputs?: readonly string[];
  readonly aliases?: readonly Urn[];
  /** Seconds; 0 or absent: the provider's default. */
  readonly customTimeouts?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  readonly importID?: string;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: Urn;
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  /** RFC 3339. */
  readonly created?: string;
  readonly modified?: string;
  /** Fields of the checkpoint this engine does not interpret, kept so that they are written back as they were. */
  readonly other?: Readonly<Record<string, unknown>>;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";

/** What was under way: written before an operation begins, taken out when it has ended. */
export interface PendingOperation {
  readonly type: OperationType;
  readonly resource: ResourceState;
}

/** The state of a stack. Dependencies come before dependents. */
export interface Snapshot {
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

export const emptySnapshot: Snapshot = { resources: [], pendingOperations: [] };
