import { parseUrn } from "../deployment/urn";
import type { Urn } from "../state/resource";

/**
 * A resource's type as people write it: without the file a bridged type's token names
 * (`docker:index:Network` for `docker:index/network:Network`).
 */
export function shownType(type: string): string {
  const [packageName = "", module = "", ...name] = type.split(":");
  const resource = name.join(":");
  const file = resource.charAt(0).toLowerCase() + resource.slice(1);
  return module.endsWith(`/${file}`)
    ? `${packageName}:${module.slice(0, -file.length - 1)}:${resource}`
    : type;
}

/** `docker:index:Network (net)`. */
export function shownResource(urn: Urn): string {
  const { type, name } = parseUrn(urn);
  return `${shownType(type)} (${name})`;
}
