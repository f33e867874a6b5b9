import type { DiffKind } from "../providers/provider";
import type { ResourceState, Urn } from "../state/resource";

/**
 * What a deployment tells while it runs. The same events, with the same meaning, as Pulumi's engine events
 * (`sdk/go/common/apitype/events.go`), except that states are not yet blinded: whoever shows them to a
 * person or writes them out hides the secrets (`display/`).
 */
export type EngineEvent =
  | PreludeEvent
  | ResourceEvent
  | ResourceFailedEvent
  | DiagnosticEvent
  | StdoutEvent
  | SummaryEvent
  | CancelEvent;

/** Takes the events in the order in which they happened. Must not throw. */
export type EventSink = (event: EngineEvent) => void;

/** A step's operation, by Pulumi's names (`pkg/resource/deploy/step.go`). */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "discard"
  | "discard-replaced"
  | "refresh"
  | "remove-pending-replace";

/** The first event of a run: the stack's configuration, secrets as `[secret]`. */
export interface PreludeEvent {
  readonly kind: "prelude";
  readonly config: Readonly<Record<string, string>>;
}

/** One property path's change, as in `DiffResult.detailedDiff`. */
export type DetailedDiff = Readonly<Record<string, { readonly kind: DiffKind; readonly inputDiff: boolean }>>;

/** What is about to be done, or has been done, to one resource. */
export interface StepMetadata {
  readonly op: StepOp;
  readonly urn: Urn;
  readonly type: string;
  /** The state before; absent for a resource that is new. */
  readonly old?: ResourceState;
  /** The state after; absent for one that goes. In a `resource-pre` event its outputs are empty. */
  readonly new?: ResourceState;
  /** Properties that force the replacement. */
  readonly keys?: readonly string[];
  /** Properties that changed. */
  readonly diffs?: readonly string[];
  /** Absent where the provider told none. */
  readonly detailedDiff?: DetailedDiff;
  /** True for the step a reader thinks in: of a replacement only the `replace`, not its two halves. */
  readonly logical: boolean;
  /** `URN::ID` of the provider resource; empty for components. */
  readonly provider: string;
}

export interface ResourceEvent {
  /** `resource-pre`: a step begins. `resource-outputs`: it has succeeded, and `new` is the final state. */
  readonly kind: "resource-pre" | "resource-outputs";
  readonly metadata: StepMetadata;
  /** True in previews. */
  readonly planning: boolean;
}

/** A step failed; a diagnostic event before it says why. */
export interface ResourceFailedEvent {
  readonly kind: "resource-failed";
  readonly metadata: StepMetadata;
}

export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

/** A message for people, of the program, a provider or the engine. Secret values are blinded already. */
export interface DiagnosticEvent {
  readonly kind: "diagnostic";
  /** The resource it is about; absent: the run as a whole. */
  readonly urn?: Urn;
  readonly severity: Severity;
  readonly message: string;
  /** Worth showing only while it happens (a progress line), not in the list at the end. */
  readonly ephemeral?: boolean;
}

/** A line of the engine itself. */
export interface StdoutEvent {
  readonly kind: "stdout";
  readonly message: string;
}

export type ResourceChanges = Readonly<Partial<Record<StepOp, number>>>;

/** The last event but `cancel`. */
export interface SummaryEvent {
  readonly kind: "summary";
  readonly isPreview: boolean;
  readonly durationMilliseconds: number;
  /** How many resources went which way; only logical steps count. */
  readonly resourceChanges: ResourceChanges;
  readonly result: DeploymentResult;
}

export type DeploymentResult = "succeeded" | "failed" | "canceled";

/** The very last event of every run, successful or not (Pulumi's name for it). */
export interface CancelEvent {
  readonly kind: "cancel";
}
