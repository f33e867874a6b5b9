import { revealAll } from "../values/value";
import { annotateSecrets } from "./annotate";
import { operationContext, type Outcome } from "./apply";
import type { DeploymentContext } from "./context";
import { sameProperties } from "./equality";
import { now } from "./state";
import type { Step } from "./step";

/** Reads a resource that is managed elsewhere; unlike other steps also in previews. */
export async function readResource(
  { op, old, new: state }: Step,
  context: DeploymentContext,
): Promise<Outcome> {
  if (state?.id === undefined) return { status: "succeeded" };
  const type = context.providers.resourceType(state);
  if (type.read === undefined) {
    return { status: "failed", message: `a resource of type ${state.type} cannot be read` };
  }
  const inputs = revealAll(state.inputs);
  const result = await type.read({
    ...operationContext(context, state, undefined),
    urn: state.urn,
    id: state.id,
    inputs,
    outputs: inputs,
  });
  if (result === undefined) return { status: "failed", message: `resource '${state.id}' does not exist` };
  state.outputs = annotateSecrets(result.outputs, state.inputs, type);
  if (result.id !== "") state.id = result.id;
  if (old !== undefined) {
    if (old.created !== undefined) state.created = old.created;
    const changed = !sameProperties(old.inputs, state.inputs) || !sameProperties(old.outputs, state.outputs);
    const modified = changed ? now() : old.modified;
    if (modified !== undefined) state.modified = modified;
    if (op === "read-replacement") old.delete = true;
  }
  return { status: "succeeded" };
}
