import type { Urn } from "../state/resource";
import type { PropertyMap } from "../values/value";
import type { State } from "./state";

/** What the program wants of one resource (`pkg/resource/goal.go` of Pulumi). */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly properties: PropertyMap;
  readonly parent?: Urn;
  readonly protect?: boolean;
  readonly dependencies: readonly Urn[];
  /** `URN::ID`; absent for components and for provider resources. */
  readonly provider?: string;
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  /** The user's choice; absent: the provider's. */
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** URNs this resource may have had before; the SDK works them all out. */
  readonly aliases: readonly Urn[];
  readonly customTimeouts?: NonNullable<State["customTimeouts"]>;
  readonly replaceOnChanges: readonly string[];
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: Urn;
}

/** A resource that is managed elsewhere and only read (`Resource.get` in a program). */
export interface ReadGoal {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent?: Urn;
  readonly provider: string;
  readonly properties: PropertyMap;
  readonly dependencies: readonly Urn[];
  readonly additionalSecretOutputs: readonly string[];
}

/** What the program gets back for a registration. */
export interface Registered {
  readonly urn: Urn;
  /** Absent for components, and in previews for what would be created. */
  readonly id?: string;
  readonly outputs: PropertyMap;
  /** The resource is not part of this run (`--target`): whatever it would give is not known. */
  readonly skipped: boolean;
}

export type RegistrationDone = (result: Registered) => void;
