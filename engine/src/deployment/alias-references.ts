import type { ResourceState, Urn } from "../state/resource";
import { isProviderType, isStackUrn, makeUrn, parseProviderReference, parseUrn } from "./urn";

/**
 * `resources` with every reference to a URN that a resource has given up replaced by its new one. What has not
 * been registered again yet still refers to the old name, and children still carry it in their own URN.
 * Source: `NormalizeURNReferences` in `pkg/resource/deploy/snapshot.go` of Pulumi.
 */
export function normalizeAliases(resources: readonly ResourceState[]): readonly ResourceState[] {
  if (resources.every(({ aliases }) => aliases === undefined || aliases.length === 0)) return resources;
  const renamed = renamedUrns(resources);
  const fix = (urn: Urn): Urn => renamed.get(urn) ?? urn;
  return resources.map((state) => {
    const fixed: { -readonly [Key in keyof ResourceState]: ResourceState[Key] } = {
      ...state,
      urn: fix(state.urn),
      dependencies: state.dependencies.map(fix),
      propertyDependencies: Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([name, urns]) => [name, urns.map(fix)]),
      ),
    };
    delete fixed.aliases;
    if (state.parent !== undefined) fixed.parent = fix(state.parent);
    if (state.deletedWith !== undefined) fixed.deletedWith = fix(state.deletedWith);
    if (state.provider !== undefined) {
      const { urn, id } = parseProviderReference(state.provider);
      fixed.provider = `${fix(urn)}::${id}`;
    }
    return fixed;
  });
}

function renamedUrns(resources: readonly ResourceState[]): ReadonlyMap<Urn, Urn> {
  const renamed = new Map<Urn, Urn>();
  for (const { urn, aliases = [], parent } of resources) {
    for (const alias of aliases) if (alias !== urn) renamed.set(alias, urn);
    const newParent = parent === undefined ? undefined : renamed.get(parent);
    if (newParent === undefined || isStackUrn(newParent)) continue;
    const { stack, project, type, name } = parseUrn(urn);
    const ownUrn = makeUrn(stack, project, newParent, type, name);
    if (ownUrn !== urn && !isProviderType(type)) renamed.set(urn, ownUrn);
  }
  return renamed;
}
