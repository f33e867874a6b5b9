import { goList, goMap, goString } from "../state/go-json";
import { Fault } from "../values/fault";
import type { ConfigPath } from "./config-path";

/** An encrypted text in the configuration: `secure: v1:…`. */
export class Ciphertext {
  constructor(readonly text: string) {}
}

/** A configuration value as Pulumi.STACK.yaml holds it. Whole numbers are `bigint`, so that none is rounded. */
export type ConfigTree = null | boolean | bigint | number | string | Ciphertext | ConfigTree[] | ConfigMap;
export type ConfigMap = Map<string, ConfigTree>;

/** From what the YAML parser gives: a map whose only key is `secure` is a ciphertext. */
export function treeOf(value: unknown): ConfigTree {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(treeOf);
  if (value instanceof Map) {
    const secure: unknown = value.size === 1 ? value.get("secure") : undefined;
    if (typeof secure === "string") return new Ciphertext(secure);
    return new Map([...value].map(([key, item]) => [String(key), treeOf(item)]));
  }
  switch (typeof value) {
    case "boolean":
    case "bigint":
    case "number":
    case "string":
      return value;
    default:
      throw new Fault(`a configuration value cannot be a ${typeof value}`);
  }
}

/** To what the YAML writer takes. */
export function plainOf(tree: ConfigTree): unknown {
  if (tree instanceof Ciphertext) return { secure: tree.text };
  if (Array.isArray(tree)) return tree.map(plainOf);
  if (tree instanceof Map) return new Map([...tree].map(([key, item]) => [key, plainOf(item)]));
  return tree;
}

export function isSecure(tree: ConfigTree): boolean {
  if (tree instanceof Ciphertext) return true;
  if (Array.isArray(tree)) return tree.some(isSecure);
  return tree instanceof Map && [...tree.values()].some(isSecure);
}

/** True for what the program gets as JSON text rather than as the text itself. */
export const isObject = (tree: ConfigTree): boolean =>
  tree === null || Array.isArray(tree) || tree instanceof Map;

/** The value as the text a program gets: objects as JSON, everything else as it is. */
export function textOf(tree: ConfigTree, decrypt: (ciphertext: string) => string): string {
  if (tree instanceof Ciphertext) return decrypt(tree.text);
  if (typeof tree === "string") return tree;
  return jsonOf(tree, (ciphertext) => goString(decrypt(ciphertext.text), true));
}

/** The value as JSON text as the CLI stores it in the history, with what is encrypted as `{"secure":…}`. */
export function storedJsonOf(tree: ConfigTree): string {
  if (!isObject(tree) && !(tree instanceof Ciphertext))
    return goString(
      textOf(tree, (text) => text),
      true,
    );
  return jsonOf(tree, ({ text }) => goMap([["secure", goString(text)]]));
}

function jsonOf(tree: ConfigTree, secret: (ciphertext: Ciphertext) => string): string {
  if (tree instanceof Ciphertext) return secret(tree);
  if (Array.isArray(tree)) return goList(tree.map((item) => jsonOf(item, secret)));
  if (tree instanceof Map) {
    return goMap(
      [...tree].map(([key, item]) => [key, jsonOf(item, secret)] as const),
      true,
    );
  }
  if (typeof tree === "string") return goString(tree, true);
  return typeof tree === "bigint" ? String(tree) : JSON.stringify(tree);
}

/** What stands at `path`; `undefined`: nothing. */
export function getAt(tree: ConfigTree | undefined, path: ConfigPath): ConfigTree | undefined {
  let found = tree;
  for (const segment of path) {
    if (Array.isArray(found) && typeof segment === "number") found = found[segment];
    else if (found instanceof Map && typeof segment === "string") found = found.get(segment);
    else return undefined;
  }
  return found;
}

/**
 * `tree` with `value` at `path`; containers on the way are made. Fails where the way is blocked.
 *
 * @param place what `tree` is called in messages
 */
export function setAt(
  tree: ConfigTree | undefined,
  path: ConfigPath,
  value: ConfigTree,
  place = "",
  top = true,
): ConfigTree {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  const here = typeof segment === "number" ? `${place}[${segment}]` : `${place}.${segment}`;
  const container = containerFor(tree, segment, place, top);
  const set = (old: ConfigTree | undefined): ConfigTree => setAt(old, rest, value, here, false);
  if (Array.isArray(container)) {
    if (typeof segment !== "number") throw blocked(here, "key for an array must be an int");
    if (segment > container.length) {
      throw blocked(here, `array index out of range; the next free one is ${container.length}`);
    }
    const copy = [...container];
    copy[segment] = set(container[segment]);
    return copy;
  }
  if (typeof segment !== "string") throw blocked(here, "key for a map must be a string");
  if (rest.length === 0 && container.size === 0 && segment === "secure" && typeof value === "string") {
    throw blocked(here, '"secure" is a reserved key inside maps');
  }
  return new Map(container).set(segment, set(container.get(segment)));
}

function containerFor(
  tree: ConfigTree | undefined,
  segment: string | number,
  place: string,
  top: boolean,
): ConfigTree[] | ConfigMap {
  if (Array.isArray(tree) || tree instanceof Map) return tree;
  // A text at the top level may become an object; one further in is more likely a mistake.
  if (tree === undefined || tree === null || top) return typeof segment === "number" ? [] : new Map();
  throw blocked(place, `expected ${typeof segment === "number" ? "an array" : "a map"}`);
}

const blocked = (place: string, why: string): Fault => new Fault(`could not set config: ${place}: ${why}`);

/** `tree` without what stands at `path`; the same where nothing does. */
export function deleteAt(tree: ConfigTree, path: ConfigPath): ConfigTree {
  const [segment, ...rest] = path;
  if (segment === undefined || getAt(tree, path) === undefined) return tree;
  if (Array.isArray(tree) && typeof segment === "number") {
    const item = tree[segment] ?? null;
    return rest.length === 0 ? tree.toSpliced(segment, 1) : tree.with(segment, deleteAt(item, rest));
  }
  if (tree instanceof Map && typeof segment === "string") {
    const copy = new Map(tree);
    if (rest.length === 0) copy.delete(segment);
    else copy.set(segment, deleteAt(copy.get(segment) ?? null, rest));
    return copy;
  }
  return tree;
}

/** A text given for a place inside an object: `true`, `false` and whole numbers are what they look like. */
export function coerced(text: string): ConfigTree {
  if (text === "true" || text === "false") return text === "true";
  if (/^(0|-?[1-9]\d*)$/.test(text)) return BigInt(text);
  return text;
}
