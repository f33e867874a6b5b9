import type { Urn } from "../state/resource";

/** The type of the resource every program has at its root. */
export const stackType = "pulumi:pulumi:Stack";
const providerTypePrefix = "pulumi:providers:";

/** The parts of `urn:pulumi:STACK::PROJECT::[parent types$]TYPE::NAME`. A name may hold `::` itself. */
export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** The type with its parents' types before it, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: Urn): UrnParts {
  const [head = "", project = "", qualifiedType = "", ...name] = urn.split("::");
  if (!head.startsWith("urn:pulumi:") || qualifiedType === "" || name.length === 0) {
    throw new Error(`"${urn}" is not a URN; expected urn:pulumi:STACK::PROJECT::TYPE::NAME`);
  }
  return {
    stack: head.slice("urn:pulumi:".length),
    project,
    qualifiedType,
    type: qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1),
    name: name.join("::"),
  };
}

/** The URN of a resource below `parent`. The Stack's own type stays out of its children's type chain. */
export function makeUrn(
  stack: string,
  project: string,
  parent: Urn | undefined,
  type: string,
  name: string,
): Urn {
  const parentType = parent === undefined ? stackType : parseUrn(parent).qualifiedType;
  const qualified = parentType === stackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export const isStackUrn = (urn: Urn): boolean => parseUrn(urn).qualifiedType === stackType;

export const isProviderType = (type: string): boolean => type.startsWith(providerTypePrefix);

/** `pulumi:providers:docker` for `docker`. */
export const providerType = (packageName: string): string => providerTypePrefix + packageName;

/** The package whose provider a provider type is: `docker` of `pulumi:providers:docker`. */
export const packageOfProviderType = (type: string): string => type.slice(providerTypePrefix.length);

/** The package a type or function token belongs to: `docker` of `docker:index/network:Network`. */
export const packageOfToken = (token: string): string => token.slice(0, token.indexOf(":"));

/** True for the provider resources the engine makes by itself: they stay out of what people are shown. */
export function isDefaultProvider(urn: Urn): boolean {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && (name === "default" || name.startsWith("default_"));
}

/** A resource's reference to its provider resource, `URN::ID`. */
export interface ProviderReference {
  readonly urn: Urn;
  readonly id: string;
}

export function parseProviderReference(reference: string): ProviderReference {
  const cut = reference.lastIndexOf("::");
  if (cut < 0) throw new Error(`"${reference}" is not a reference to a provider; expected URN::ID`);
  return { urn: reference.slice(0, cut), id: reference.slice(cut + 2) };
}

export const formatProviderReference = (urn: Urn, id: string): string => `${urn}::${id}`;
