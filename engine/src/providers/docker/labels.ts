import type { PropertyMap } from "../../values/value";
import { getString } from "./terraform/read";
import { forceNew, required, string, type Fields } from "./terraform/schema";

/** Labels are sets of pairs in Terraform and maps in Docker. */
export const labelFields: Fields = {
  label: string("label", required, forceNew),
  value: string("value", required, forceNew),
};

export function labelMap(pairs: readonly PropertyMap[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => [getString(pair, "label"), getString(pair, "value")]));
}

export function labelPairs(
  labels: Readonly<Record<string, string>> | null | undefined,
): readonly PropertyMap[] {
  return Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
}
