import { Fault } from "../values/fault";

/** A configuration key: `namespace:name`, the namespace being a project or a package. */
export interface ConfigKey {
  readonly namespace: string;
  readonly name: string;
}

/** Where a value stands inside an object: names and list indexes. */
export type ConfigPath = readonly (string | number)[];

export const fullKey = ({ namespace, name }: ConfigKey): string => `${namespace}:${name}`;

/** The key as people write it in this project: without the project's own name. */
export function shortKey(key: string, project: string): string {
  return key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
}

/**
 * Parses `name`, `namespace:name` or (as old Pulumi wrote it) `namespace:config:name`.
 *
 * @param project the namespace of a key without one
 */
export function parseConfigKey(text: string, project: string): ConfigKey {
  const parts = text.split(":");
  if (parts.length === 1) return { namespace: project, name: text };
  const [namespace = "", middle = "", last] = parts;
  if (parts.length === 2) return { namespace, name: middle };
  if (parts.length === 3 && middle === "config" && last !== undefined) return { namespace, name: last };
  throw new Fault(
    `invalid configuration key: could not parse ${text} as a configuration key ` +
      "(configuration keys should be of the form `<namespace>:<name>`)",
  );
}

/** Parses a key with a path behind it, as `--path` takes it: `private-registry:users[0].name`. */
export function parseKeyWithPath(text: string, project: string): { key: ConfigKey; path: ConfigPath } {
  // Only what stands before the first dot or bracket can have a namespace; a name further in may contain anything.
  const end = text.search(/[[.]/);
  const head = end > 0 ? text.slice(0, end) : end === 0 ? "" : text;
  const { namespace, name } = end === 0 ? { namespace: project, name: "" } : parseConfigKey(head, project);
  const [first, ...path] = parsePropertyPath(name + (end >= 0 ? text.slice(end) : ""));
  if (typeof first !== "string") throw new Fault("invalid config key path: the first segment must be a name");
  if (first === "") throw new Fault("invalid config key path: config key is empty");
  return { key: { namespace, name: first }, path };
}

/**
 * Parses `root.nested["with.dot"][0]`
 * (`ParsePropertyPathStrict` in `sdk/go/common/resource/property_path.go` of Pulumi).
 */
export function parsePropertyPath(text: string): ConfigPath {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    const [taken, segment] = nextSegment(rest, path.length === 0, text);
    path.push(segment);
    rest = rest.slice(taken);
  }
  if (path.length === 0) throw new Fault("invalid config key path: it is empty");
  return path;
}

function nextSegment(rest: string, first: boolean, whole: string): [taken: number, segment: string | number] {
  const quoted = /^\.?\["((?:\\"|[^"])*)"\]/.exec(rest);
  if (quoted) return [quoted[0].length, (quoted[1] ?? "").replaceAll('\\"', '"')];
  const index = /^\.?\[(\d+)\]/.exec(rest);
  if (index) return [index[0].length, Number(index[1])];
  const name = (first ? /^[^.[\]]+/ : /^\.([^.[\]]+)/).exec(rest);
  if (name) return [name[0].length, name[1] ?? name[0]];
  throw new Fault(`invalid config key path "${whole}": cannot go on at "${rest}"`);
}
