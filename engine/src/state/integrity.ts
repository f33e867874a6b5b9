import type { ResourceState, Snapshot, Urn } from "./resource";

/**
 * What is wrong with a snapshot, in Pulumi's own words (`pkg/resource/stack/snapshot/integrity.go`); empty: nothing.
 * Everything a resource refers to must stand before it, which also rules out cycles.
 */
export function integrityFaults({ resources }: Snapshot): string[] {
  const all = new Set(resources.map(({ urn }) => urn));
  const before = new Set<Urn>();
  const providers = new Set<string>();
  const faults: string[] = [];
  for (const resource of resources) {
    if (resource.type.startsWith("pulumi:providers:")) providers.add(`${resource.urn}::${resource.id ?? ""}`);
    faults.push(...providerFaults(resource, providers), ...orderFaults(resource, before, all));
    before.add(resource.urn);
  }
  return [...faults, ...duplicateFaults(resources)];
}

function providerFaults(
  { urn, provider, pendingReplacement }: ResourceState,
  known: ReadonlySet<string>,
): string[] {
  if (provider === undefined || known.has(provider) || pendingReplacement === true) return [];
  return [`resource ${urn} refers to unknown provider ${provider}`];
}

function orderFaults(resource: ResourceState, before: ReadonlySet<Urn>, all: ReadonlySet<Urn>): string[] {
  const { urn } = resource;
  const fault = (other: Urn, late: string, missing: string): string[] =>
    before.has(other) ? [] : [all.has(other) ? late : missing];
  const faults: string[] = [];
  const { parent, deletedWith } = resource;
  if (parent !== undefined) {
    faults.push(
      ...fault(
        parent,
        `child resource ${urn}'s parent ${parent} comes after it`,
        `child resource ${urn} refers to missing parent ${parent}`,
      ),
    );
  }
  for (const other of resource.dependencies) {
    faults.push(
      ...fault(
        other,
        `resource ${urn}'s dependency ${other} comes after it`,
        `resource ${urn} refers to missing dependency ${other}`,
      ),
    );
  }
  for (const other of new Set(Object.values(resource.propertyDependencies).flat())) {
    if (resource.dependencies.includes(other)) continue;
    faults.push(
      ...fault(
        other,
        `resource ${urn}'s property dependency ${other} comes after it`,
        `resource ${urn} refers to missing property dependency ${other}`,
      ),
    );
  }
  if (deletedWith !== undefined) {
    const start = `resource ${urn} is specified as being deleted with ${deletedWith}, which`;
    faults.push(...fault(deletedWith, `${start} comes after it`, `${start} is missing`));
  }
  return faults;
}

/** A URN may stand twice only where all but one of its resources wait for their deletion. */
function duplicateFaults(resources: readonly ResourceState[]): string[] {
  const living = new Map<Urn, number>();
  for (const resource of resources) {
    if (resource.delete !== true) living.set(resource.urn, (living.get(resource.urn) ?? 0) + 1);
  }
  return [...living]
    .filter(([, count]) => count > 1)
    .map(([urn]) => `duplicate resource ${urn} (not marked for deletion)`);
}
