import * as pulumi from "@pulumi/pulumi";
import { runError } from "../run-error";
import { crossFaults } from "./cross-faults";
import { describeIssue, NAMESPACE, unknownKey } from "./faults";
import { schema, type Settings } from "./schema";

export type { CertificateSettings, Host, Settings, User } from "./schema";

type Key = keyof Settings;

/**
 * Reads the stack's configuration: the only place that does.
 *
 * @throws pulumi.RunError with every fault at once: the setting's path, what is wrong, what was found, what is
 * allowed.
 */
export function loadSettings(): Settings {
  return parseSettings(pulumi.runtime.allConfig());
}

/**
 * The settings in `config`, which maps full keys (`private-registry:port`) to text, as Pulumi hands them over:
 * objects, lists, numbers and booleans are JSON.
 *
 * Each setting is parsed on its own, so that a fault in one does not hide the faults of another.
 */
export function parseSettings(config: Readonly<Record<string, string>>, now = new Date()): Settings {
  const values = ownValues(config);
  const faults: string[] = [];
  const parsed: Partial<Record<Key, unknown>> = {};

  for (const key of Object.keys(values)) {
    if (!Object.hasOwn(schema.shape, key)) faults.push(unknownKey([], key));
  }
  for (const key of Object.keys(schema.shape) as Key[]) {
    const result = schema.shape[key].safeParse(decode(key, values[key]));
    if (result.success) parsed[key] = result.data;
    else
      faults.push(
        ...result.error.issues.flatMap((issue) => describeIssue(key, issue, decode(key, values[key]))),
      );
  }
  faults.push(...crossFaults(parsed as Partial<Settings>, now).map((fault) => `${NAMESPACE}:${fault}`));
  if (faults.length > 0) throw settingsError(faults);
  return parsed as Settings;
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
const TEXT_SETTINGS = new Set<Key>(["hostname", "bindAddress", "dockerHost", "dataPath", "sshPrivateKey"]);

function decode(key: Key, text: string | undefined): unknown {
  if (text === undefined || TEXT_SETTINGS.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return key === "images" ? { mode: text } : text;
  }
}

function settingsError(faults: readonly string[]): pulumi.RunError {
  const count = faults.length === 1 ? "1 setting is" : `${faults.length} settings are`;
  return runError(
    `${count} wrong, so nothing was changed:`,
    ...faults.map((fault) => `  - ${fault}`),
    `Set one with: ./pulumiw config set ${NAMESPACE}:KEY VALUE`,
  );
}
