import { isPropertyMap, type Value } from "../../values/value";
import { forceNew, required, string, type Fields } from "./terraform/schema";

/** Labels are sets of pairs in Terraform and maps in Docker. */
export const labelFields: Fields = {
  label: string("label", required, forceNew),
  value: string("value", required, forceNew),
};

export function labelMap(pairs: readonly Value[]): Record<string, string> {
  return Object.fromEntries(
    pairs.filter(isPropertyMap).map((pair) => [String(pair["label"]), String(pair["value"])]),
  );
}

export function labelPairs(labels: Readonly<Record<string, string>> | null | undefined): readonly Value[] {
  return Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
}
