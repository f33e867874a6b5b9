import { messageOf } from "../values/fault";
import { revealAll } from "../values/value";
import { pulumi } from "../values/command-line";
import type { PendingOperation } from "../state/resource";
import { operationContext } from "./apply";
import type { DeploymentContext } from "./context";
import { rebuild } from "./rebuild";
import { readCurrent } from "./refresh";
import type { State } from "./state";
import { isProviderType, parseUrn } from "./urn";

/**
 * Takes back what creations that were cut off have left, and forgets them; the resources are created again. What
 * could not be settled stays on the list, and is warned of. True where the list has become shorter.
 *
 * Pulumi leaves this to people, who find a container in the way or never learn of it.
 */
export async function recoverCreates(context: DeploymentContext): Promise<boolean> {
  const creates = context.basePending.filter(({ type }) => type === "creating");
  const knownIds = new Set(context.base.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const settled = new Set<PendingOperation>();
  // Dependents first: a network is empty only when its containers are gone.
  for (const operation of creates.toReversed()) {
    if (context.request.cancel.aborted) break;
    if (await recoverCreate(context, operation, knownIds)) settled.add(operation);
  }
  context.basePending = context.basePending.filter((operation) => !settled.has(operation));
  return settled.size > 0;
}

async function recoverCreate(
  context: DeploymentContext,
  { resource }: PendingOperation,
  knownIds: ReadonlySet<string>,
): Promise<boolean> {
  const { urn } = resource;
  const who = `${parseUrn(urn).name}: the last run ended while this was being created`;
  try {
    if (!resource.custom) return true;
    const did = await context.providers.resourceType(resource).recoverCreate?.({
      ...operationContext(context, resource, undefined),
      urn,
      inputs: revealAll(resource.inputs),
      knownIds,
    });
    if (did !== undefined) context.diagnostics.warning(`${who}; ${did}`, urn);
    return true;
  } catch (error) {
    context.diagnostics.warning(
      `${who}, and what became of it is not known. ${messageOf(error)}\n` +
        "The next run looks again; to forget it instead: " +
        pulumi("refresh --clear-pending-creates", context.request.stack),
      urn,
    );
    return false;
  }
}

/**
 * Makes sure that what was being changed or deleted ends as declared, although nobody knows how far that came: it is
 * read (unless a refresh has just done so), and marked so that the run updates it even where nothing has changed
 * since. Then it is off the list; true where there was
 * something on it.
 */
export async function recoverChanges(context: DeploymentContext, refreshed: boolean): Promise<boolean> {
  const { dryRun, request } = context;
  const interrupted = context.basePending.filter(({ type }) => type === "updating" || type === "deleting");
  const find = (): State[] => context.base.filter((state) => isMeant(state, interrupted));
  // What is to be destroyed need not become what it was to be.
  if (request.kind !== "destroy" && interrupted.length > 0) {
    if (!refreshed && !dryRun) {
      const current = new Map<State, State | undefined>();
      for (const old of find()) current.set(old, (await readCurrent(context, old)).state);
      context.rebase(rebuild(context.base, current));
    }
    for (const state of find()) state.initErrors = ["the run that was changing it was interrupted"];
  }
  const all = context.basePending.length;
  context.basePending = context.basePending.filter(({ type }) => type === "creating");
  return context.basePending.length < all;
}

function isMeant(state: State, interrupted: readonly PendingOperation[]): boolean {
  if (!state.custom || isProviderType(state.type)) return false;
  // On its way out: the run deletes it in any case.
  if (state.delete === true || state.pendingReplacement === true) return false;
  return interrupted.some(({ resource }) => resource.urn === state.urn);
}
