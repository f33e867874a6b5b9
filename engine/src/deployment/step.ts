import type { Urn } from "../state/resource";
import type { DetailedDiff, StepMetadata, StepOp } from "./events";
import type { RegistrationDone } from "./goal";
import type { State } from "./state";

/** One operation on one resource (`pkg/resource/deploy/step.go` of Pulumi). */
export interface Step {
  readonly op: StepOp;
  readonly urn: Urn;
  readonly old?: State | undefined;
  readonly new?: State | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly diffs?: readonly string[] | undefined;
  readonly detailedDiff?: DetailedDiff | undefined;
  /** Part of what a reader thinks of as one change; see `StepMetadata.logical`. */
  readonly logical: boolean;
  /** Answers the registration this step belongs to. */
  readonly done?: RegistrationDone | undefined;
  /** A `create-replacement` after which the old resource still exists and is to be deleted later. */
  readonly leavesOld?: boolean;
  /** A `delete-replaced` before the replacement: the resource stays in the state until it is there again. */
  readonly awaitsReplacement?: boolean;
  /** A `same` for a resource that would be created, but is not among the targets: it enters no state. */
  readonly skippedCreate?: boolean;
  /** A `same` for a resource that is not among the targets. */
  readonly untargeted?: boolean;
}

/** The resource a step is about: its new state, or the old one of a resource that goes. */
export function resourceOf(step: Step): State {
  const state = step.new ?? step.old;
  if (state === undefined) throw new Error(`step ${step.op} of ${step.urn} has no resource`);
  return state;
}

/** A step as events tell it. States are copied: a step goes on to fill in its own. */
export function metadataOf(step: Step, op: StepOp = step.op): StepMetadata {
  const state = resourceOf(step);
  return {
    op,
    urn: step.urn,
    type: state.type,
    ...(step.old === undefined ? {} : { old: { ...step.old } }),
    ...(step.new === undefined ? {} : { new: { ...step.new } }),
    ...(step.keys === undefined ? {} : { keys: step.keys }),
    ...(step.diffs === undefined ? {} : { diffs: step.diffs }),
    ...(step.detailedDiff === undefined ? {} : { detailedDiff: step.detailedDiff }),
    logical: step.logical,
    provider: state.provider ?? "",
  };
}
