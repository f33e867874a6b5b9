import { isList, isPropertyMap, type PropertyMap } from "../../values/value";
import type { Shape } from "../shape";

/** What a command and a run have in common. `assetPaths` and `archivePaths` are left to the real plugin. */
export const commonShape: Shape = {
  addPreviousOutputInEnv: { kind: "boolean" },
  dir: { kind: "text" },
  environment: { kind: "map of text" },
  interpreter: { kind: "list of text" },
  logging: { kind: "text", values: ["stdout", "stderr", "stdoutAndStderr", "none"] },
  stdin: { kind: "text" },
};

export const text = (inputs: PropertyMap, name: string): string | undefined => {
  const value = inputs[name];
  return typeof value === "string" ? value : undefined;
};

export function texts(inputs: PropertyMap, name: string): readonly string[] {
  const value = inputs[name];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

export function textMap(inputs: PropertyMap, name: string): Readonly<Record<string, string>> {
  const value = inputs[name];
  if (!isPropertyMap(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
