import { randomBytes } from "node:crypto";
import type { Urn } from "../../../state/resource";

/** The last part of a URN: the name the program gave the resource. */
export const resourceName = (urn: Urn): string => urn.slice(urn.lastIndexOf("::") + 2);

/** A physical name for a resource whose program gives none: `NAME-` and seven hexadecimal digits. */
export function autoname(urn: Urn): string {
  return `${resourceName(urn)}-${randomBytes(4).toString("hex").slice(0, 7)}`;
}
