import { closest } from "fastest-levenshtein";
import { pulumi } from "../values/command-line";
import { Fault } from "../values/fault";
import type { ResourceState, Snapshot, Urn } from "./resource";

/** The snapshot with `urns` no longer protected, or all; those on their way out are left alone. */
export function unprotect(snapshot: Snapshot, urns: readonly Urn[] | "all", stack: string): Snapshot {
  const living = snapshot.resources.filter((resource) => resource.delete !== true);
  const known = living.map(({ urn }) => urn);
  const missing = urns === "all" ? [] : urns.filter((urn) => !known.includes(urn));
  if (missing.length > 0) throw new Fault(missing.map((urn) => notFound(urn, known, stack)).join("\n"));
  const resources = snapshot.resources.map((resource) => {
    const meant = resource.delete !== true && (urns === "all" || urns.includes(resource.urn));
    if (!meant || resource.protect !== true) return resource;
    return { ...resource, protect: false };
  });
  return { ...snapshot, resources };
}

export interface DeleteOptions {
  /** Also what is protected. */
  readonly force: boolean;
  /** Also what depends on it. */
  readonly targetDependents: boolean;
}

/**
 * The snapshot without `urns`; what they stand for stays where it is, and nobody manages it any more. Refuses what
 * others still depend on and what is protected. Source: `DeleteResource` in `pkg/resource/edit/operations.go`.
 */
export function deleteFromState(
  snapshot: Snapshot,
  urns: readonly Urn[],
  { force, targetDependents }: DeleteOptions,
  stack: string,
): { readonly snapshot: Snapshot; readonly protectedOnes: readonly Urn[] } {
  const condemned = new Set(urns.map((urn) => only(snapshot, urn, stack)));
  for (const resource of [...condemned]) {
    const others = dependents(snapshot.resources, resource).filter((other) => !condemned.has(other));
    if (others.length === 0) continue;
    if (!targetDependents) throw new Fault(stillNeeded(resource, others));
    for (const other of others) condemned.add(other);
  }
  const protectedOnes = [...condemned].filter(({ protect }) => protect === true).map(({ urn }) => urn);
  const [first] = protectedOnes;
  if (first !== undefined && !force) {
    throw new Fault(
      `${first} can't be safely deleted because it is protected. Re-run this command with --force to force deletion`,
    );
  }
  const resources = snapshot.resources.filter((resource) => !condemned.has(resource));
  return { snapshot: { ...snapshot, resources }, protectedOnes };
}

function only(snapshot: Snapshot, urn: Urn, stack: string): ResourceState {
  const found = snapshot.resources.filter((resource) => resource.urn === urn);
  const [resource] = found;
  if (resource === undefined) {
    const known = snapshot.resources.map((other) => other.urn);
    throw new Fault(notFound(urn, known, stack));
  }
  if (found.length > 1) {
    throw new Fault(
      `Resource URN ambiguously referred to ${found.length} resources: one of ${urn} waits for its deletion; ` +
        `\`${pulumi("up", stack)}\` deletes it`,
    );
  }
  return resource;
}

/** Everything that needs `root`, directly or not: its children, too. Dependencies come before dependents. */
function dependents(resources: readonly ResourceState[], root: ResourceState): ResourceState[] {
  const urns = new Set([root.urn]);
  const found: ResourceState[] = [];
  for (const resource of resources.slice(resources.indexOf(root) + 1)) {
    const needed = [
      ...resource.dependencies,
      ...Object.values(resource.propertyDependencies).flat(),
      ...[resource.parent, resource.deletedWith].filter((urn) => urn !== undefined),
      ...(resource.provider === undefined
        ? []
        : [resource.provider.slice(0, resource.provider.lastIndexOf("::"))]),
    ];
    if (!needed.some((urn) => urns.has(urn))) continue;
    urns.add(resource.urn);
    found.push(resource);
  }
  return found;
}

function stillNeeded({ urn }: ResourceState, others: readonly ResourceState[]): string {
  const lines = others.map(
    (other) => ` * ${JSON.stringify(other.urn.split("::").slice(3).join("::"))} (${other.urn})`,
  );
  return (
    `${urn} can't be safely deleted because the following resources depend on it:\n${lines.join("\n")}\n\n` +
    "Delete those resources first or pass --target-dependents."
  );
}

function notFound(urn: Urn, known: readonly Urn[], stack: string): string {
  const hint = known.length === 0 ? "" : `\nDid you mean:\n  ${closest(urn, [...known])}`;
  return (
    `No such resource "${urn}" exists in the current state${hint}\n` +
    `To list the resource URNs in the stack, run \`${pulumi("stack --show-urns", stack)}\``
  );
}
