import { Fault } from "../values/fault";
import { fullKey, parseConfigKey, parseKeyWithPath } from "./config-path";
import { valueFault } from "./config-schema";
import { Ciphertext, getAt, isSecure, setAt, textOf, type ConfigTree } from "./config-tree";
import type { Project } from "./project";
import type { StackConfig } from "./stack-config";

type Config = ReadonlyMap<string, ConfigTree>;

/** The stack's values with the project's defaults and fixed values where the stack says nothing. */
export function withProjectConfig(project: Project, config: Config): Map<string, ConfigTree> {
  const merged = new Map(config);
  for (const [text, { value }] of project.config) {
    const { key, path } = parseKeyWithPath(text, project.name);
    const current = merged.get(fullKey(key));
    if (value === undefined || getAt(current, path) !== undefined) continue;
    merged.set(fullKey(key), setAt(current, path, value, text));
  }
  return merged;
}

/**
 * The configuration a program gets: the stack's values and the project's defaults, checked against the schema in
 * Pulumi.yaml and decrypted. Every fault is told at once.
 */
export function decryptConfig(
  project: Project,
  stack: string,
  config: Config,
  decrypt: (ciphertext: string) => string,
  { validates = true }: { readonly validates?: boolean } = {},
): StackConfig {
  const merged = withProjectConfig(project, config);
  const faults = !validates
    ? []
    : [missingFault(project, stack, merged), ...typeFaults(project, stack, merged, decrypt)];
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new Fault(found.join("\n"));
  return Object.fromEntries(
    [...merged].map(([key, tree]) => [
      key,
      { value: textOf(tree, (ciphertext) => decryptOf(key, ciphertext, decrypt)), secret: isSecure(tree) },
    ]),
  );
}

function missingFault(project: Project, stack: string, config: Config): string | undefined {
  const missing = [...project.config.keys()].sort().filter((text) => {
    if (parseConfigKey(text, project.name).namespace !== project.name) return false;
    const { key, path } = parseKeyWithPath(text, project.name);
    return getAt(config.get(fullKey(key)), path) === undefined;
  });
  const [first, ...others] = missing.map((key) => `'${key}'`);
  if (first === undefined) return undefined;
  const last = others.pop();
  const keys = last === undefined ? first : `${[first, ...others].join(", ")} and ${last}`;
  return `Stack '${stack}' is missing configuration ${last === undefined ? "value" : "values"} ${keys}`;
}

function typeFaults(
  project: Project,
  stack: string,
  config: Config,
  decrypt: (ciphertext: string) => string,
): (string | undefined)[] {
  return [...project.config].sort().map(([text, declaration]) => {
    const { key, path } = parseKeyWithPath(text, project.name);
    const value = getAt(config.get(fullKey(key)), path);
    if (value === undefined) return undefined;
    const decrypted = decryptTree(value, (ciphertext) => decryptOf(text, ciphertext, decrypt));
    return valueFault(stack, text, declaration, value, decrypted);
  });
}

function decryptTree(tree: ConfigTree, decrypt: (ciphertext: string) => string): ConfigTree {
  if (tree instanceof Ciphertext) return decrypt(tree.text);
  if (Array.isArray(tree)) return tree.map((item) => decryptTree(item, decrypt));
  if (tree instanceof Map) return new Map([...tree].map(([key, item]) => [key, decryptTree(item, decrypt)]));
  return tree;
}

function decryptOf(key: string, ciphertext: string, decrypt: (ciphertext: string) => string): string {
  try {
    return decrypt(ciphertext);
  } catch (error) {
    if (error instanceof Fault)
      throw new Fault(`configuration key '${key}': ${error.message}`, { cause: error });
    throw error;
  }
}
