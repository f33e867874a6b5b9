import { crossFaults } from "./cross-faults";
import { describeIssue, NAMESPACE, unknownKey } from "./faults";
import { schema, type Settings } from "./schema";
import { takenNames } from "./taken-names";

/** Settings of the contract that a later version brings; setting one now must not look as if it worked. */
const NOT_YET = new Set(["hosts", "sshPrivateKey"]);

type Key = keyof Settings;

/** What could be read, and what is wrong: whole settings where `faults` is empty. */
export interface ParsedSettings {
  readonly settings: Partial<Settings>;
  /** One sentence each: the setting's path, what is wrong, what was found, what is allowed. */
  readonly faults: readonly string[];
}

/**
 * The settings in `config`, which maps full keys (`private-registry:port`) to text, as Pulumi hands them over:
 * objects, lists, numbers and booleans are JSON.
 *
 * Each setting is parsed on its own, so that a fault in one does not hide the faults of another.
 */
export function parseConfig(config: Readonly<Record<string, string>>, now: Date): ParsedSettings {
  const values = ownValues(config);
  const faults: string[] = [];
  const parsed: Partial<Record<Key, unknown>> = {};

  for (const key of Object.keys(values)) {
    if (NOT_YET.has(key)) faults.push(`${NAMESPACE}:${key} is not available in this version; take it out`);
    else if (!Object.hasOwn(schema.shape, key)) faults.push(unknownKey([], key));
  }
  for (const key of Object.keys(schema.shape) as Key[]) {
    const value = decode(key, values[key]);
    const result = schema.shape[key].safeParse(value);
    if (result.success) parsed[key] = result.data;
    else faults.push(...result.error.issues.flatMap((issue) => describeIssue(key, issue, value)));
  }
  const settings = parsed as Partial<Settings>;
  const between = [...takenNames(decode("users", values["users"])), ...crossFaults(settings, now)];
  faults.push(...between.map((fault) => `${NAMESPACE}:${fault}`));
  return { settings, faults };
}

function ownValues(config: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = `${NAMESPACE}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), text]),
  );
}

/** Settings that are text as they stand: a host name such as `1e3.example.com` must not be read as JSON. */
const TEXT_SETTINGS = new Set<Key>(["hostname", "bindAddress", "dockerHost", "dataPath"]);

function decode(key: Key, text: string | undefined): unknown {
  if (text === undefined || TEXT_SETTINGS.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return key === "images" ? { mode: text } : text;
  }
}
