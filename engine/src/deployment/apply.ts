import { PartialFailure, type OperationContext, type ResourceType } from "../providers/provider";
import { pulumi } from "../values/command-line";
import { messageOf } from "../values/fault";
import { revealAll, Secret, type PropertyMap } from "../values/value";
import { annotateSecrets, markSecret } from "./annotate";
import type { DeploymentContext } from "./context";
import { readResource } from "./apply-read";
import { now, type State } from "./state";
import { resourceOf, type Step } from "./step";
import { isProviderType, parseUrn } from "./urn";

/** How a step ended. `partial`: the provider failed, but something is there and is recorded. */
export type Outcome =
  { readonly status: "succeeded" } | { readonly status: "partial" | "failed"; readonly message: string };

const succeeded: Outcome = { status: "succeeded" };

/** Carries out one step with the provider and fills in the step's states; does not throw. */
export async function applyStep(
  step: Step,
  context: DeploymentContext,
  deletions: ReadonlySet<string>,
): Promise<Outcome> {
  try {
    const outcome = await dispatch(step, context, deletions);
    if (step.new !== undefined && step.op !== "replace") settle(step.new, step, context);
    return outcome;
  } catch (error) {
    return { status: "failed", message: messageOf(error) };
  }
}

function dispatch(
  step: Step,
  context: DeploymentContext,
  deletions: ReadonlySet<string>,
): Promise<Outcome> | Outcome {
  switch (step.op) {
    case "same":
      return applySame(step, context);
    case "create":
    case "create-replacement":
      return applyCreate(step, context);
    case "update":
      return applyUpdate(step, context);
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return applyDelete(step, context, deletions);
    case "read":
    case "read-replacement":
      return readResource(step, context);
    case "replace":
    case "remove-pending-replace":
    case "refresh":
      return succeeded;
  }
}

function applySame(
  { old, new: state, skippedCreate, untargeted }: Step,
  context: DeploymentContext,
): Outcome {
  if (state === undefined || old === undefined) return succeeded;
  if (old.id !== undefined) state.id = old.id;
  state.outputs = old.outputs;
  if (isProviderType(state.type) && skippedCreate !== true && untargeted !== true && state.id !== undefined) {
    context.providers.register(state.urn, state.id, old.inputs);
  }
  return succeeded;
}

async function applyCreate(step: Step, context: DeploymentContext): Promise<Outcome> {
  const { old, new: state } = step;
  if (state === undefined) return succeeded;
  let failure: string | undefined;
  if (state.custom) {
    const operation = operationContext(context, state, state.customTimeouts?.create);
    const type = context.providers.resourceType(state);
    try {
      const result = await type.create({
        ...operation,
        urn: state.urn,
        inputs: revealAll(state.inputs),
        preview: context.dryRun,
      });
      if (result.id === undefined && !context.dryRun) {
        throw new Error("provider did not return an ID from Create");
      }
      if (result.id !== undefined) state.id = result.id;
      state.outputs = annotateSecrets(result.outputs, state.inputs, type);
    } catch (error) {
      if (!(error instanceof PartialFailure)) throw error;
      failure = recordPartial(state, error, type);
    }
  }
  state.created = state.modified = now();
  if (step.leavesOld === true && old !== undefined) old.delete = true;
  return failure === undefined ? succeeded : { status: "partial", message: failure };
}

async function applyUpdate({ old, new: state }: Step, context: DeploymentContext): Promise<Outcome> {
  if (state === undefined || old === undefined) return succeeded;
  if (old.id !== undefined) state.id = old.id;
  if (old.created !== undefined) state.created = old.created;
  if (old.modified !== undefined) state.modified = old.modified;
  if (!state.custom) return succeeded;
  const operation = operationContext(context, state, state.customTimeouts?.update);
  const type = context.providers.resourceType(state);
  try {
    const outputs = await type.update({
      ...operation,
      urn: state.urn,
      id: old.id ?? "",
      inputs: revealAll(state.inputs),
      oldInputs: revealAll(old.inputs),
      oldOutputs: revealAll(old.outputs),
      preview: context.dryRun,
    });
    state.outputs = annotateSecrets(outputs, state.inputs, type);
    state.modified = now();
    return succeeded;
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    const message = recordPartial(state, error, type);
    // The resource was not brought to the new inputs: the next run must see the difference again.
    state.inputs = old.inputs;
    state.modified = now();
    return { status: "partial", message };
  }
}

async function applyDelete(
  { old, awaitsReplacement, op }: Step,
  context: DeploymentContext,
  deletions: ReadonlySet<string>,
): Promise<Outcome> {
  if (old === undefined) return succeeded;
  // In a preview the planner has told of it, and goes on to tell of the others.
  if (op === "delete" && old.protect === true && !context.dryRun)
    return { status: "failed", message: protectedMessage(old.urn) };
  const goesWithAnother = old.deletedWith !== undefined && deletions.has(old.deletedWith);
  const isOurs = old.custom && old.external !== true && old.retainOnDelete !== true && !goesWithAnother;
  if (isOurs && !context.dryRun) {
    const operation = operationContext(context, old, old.customTimeouts?.delete);
    await context.providers.resourceType(old).delete({
      ...operation,
      urn: old.urn,
      id: old.id ?? "",
      inputs: revealAll(old.inputs),
      outputs: revealAll(old.outputs),
    });
  }
  // Only now: an interrupted delete must be done again.
  if (awaitsReplacement === true) old.pendingReplacement = true;
  return succeeded;
}

/** What every operation gets: its log, its end on the second Ctrl-C or when its time is over. */
export function operationContext(
  context: DeploymentContext,
  state: State,
  timeout: number | undefined,
): OperationContext {
  const limited = timeout !== undefined && timeout > 0;
  const { terminate } = context.request;
  return {
    log: (severity, message) => context.diagnostics.tell(severity, message, state.urn, severity === "info"),
    signal: limited ? AbortSignal.any([terminate, AbortSignal.timeout(timeout * 1000)]) : terminate,
    ...(limited ? { timeout } : {}),
  };
}

export function protectedMessage(urn: string): string {
  const { stack } = parseUrn(urn);
  return (
    `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, ` +
    "either remove the `protect` flag from the resource in your Pulumi program and run " +
    `\`${pulumi("up", stack)}\`, or use the command:\n\`${pulumi(`state unprotect '${urn}'`, stack)}\``
  );
}

function recordPartial(state: State, failure: PartialFailure, type: ResourceType): string {
  if (failure.id !== "") state.id = failure.id;
  state.outputs = annotateSecrets(failure.outputs, state.inputs, type);
  state.initErrors = [failure.message];
  return failure.message;
}

/** Marks secret outputs and makes the resource known to the rest of the run. */
function settle(state: State, step: Step, context: DeploymentContext): void {
  state.outputs = annotateTopLevel(
    markSecret(state.outputs, state.additionalSecretOutputs ?? []),
    state.inputs,
  );
  context.secrets.learn(state.inputs);
  context.secrets.learn(state.outputs);
  const seen = step.op === "read" || step.op === "read-replacement" ? context.reads : context.news;
  seen.set(state.urn, resourceOf(step));
}

/** An output with the name of a secret input is secret too. */
function annotateTopLevel(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  return markSecret(
    outputs,
    Object.keys(outputs).filter((name) => inputs[name] instanceof Secret),
  );
}
