import { isList, isPropertyMap, type PropertyMap } from "../../values/value";
import type { Shape } from "../shape";

/** What every command has, wherever it runs. */
export const outputShape: Shape = {
  addPreviousOutputInEnv: { kind: "boolean" },
  environment: { kind: "map of text" },
  logging: { kind: "text", values: ["stdout", "stderr", "stdoutAndStderr", "none"] },
  stdin: { kind: "text" },
};

/** What a command and a run on this machine have in common. `assetPaths` and `archivePaths` are left to the real plugin. */
export const commonShape: Shape = {
  ...outputShape,
  dir: { kind: "text" },
  interpreter: { kind: "list of text" },
};

export const text = (inputs: PropertyMap, name: string): string | undefined => {
  const value = inputs[name];
  return typeof value === "string" ? value : undefined;
};

export const number = (inputs: PropertyMap, name: string): number | undefined => {
  const value = inputs[name];
  return typeof value === "number" ? value : undefined;
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
