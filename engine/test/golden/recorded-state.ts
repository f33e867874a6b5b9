import { readFile } from "node:fs/promises";
import { PassphraseSecrets } from "../../src/secrets/passphrase";
import { SECRET, SIGNATURE_KEY } from "../../src/state/signatures";
import { golden } from "../state/golden";

/** A state as `pulumi stack export` prints it, each secret as `{secret: value}`. */
export interface ExportedState {
  readonly deployment: {
    /** Absent where nothing is left. */
    readonly resources?: readonly ExportedResource[];
    readonly pending_operations?: unknown;
  };
}
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly [name: string]: unknown;
}

const secrets = new PassphraseSecrets(() => Promise.resolve("golden"));

export async function recordedState(step: string): Promise<ExportedState> {
  return readable(await readFile(golden(`runs/${step}.state.json`), "utf8"));
}

export async function readable(exported: string): Promise<ExportedState> {
  const json = JSON.parse(exported) as ExportedState & {
    readonly deployment: { readonly secrets_providers?: { readonly state: { readonly salt: string } } };
  };
  const salt = json.deployment.secrets_providers?.state.salt ?? "";
  const manager = await secrets.open(salt);
  return opened(json, (ciphertext) => manager.decrypt(ciphertext)) as ExportedState;
}

function opened(value: unknown, decrypt: (ciphertext: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => opened(item, decrypt));
  if (typeof value !== "object" || value === null) return value;
  const properties = value as Readonly<Record<string, unknown>>;
  const { [SIGNATURE_KEY]: signature, ciphertext } = properties;
  if (signature === SECRET && typeof ciphertext === "string") {
    // Within a secret, secrets are not encrypted again.
    return { secret: opened(JSON.parse(decrypt(ciphertext)), (text) => text) };
  }
  return Object.fromEntries(Object.entries(properties).map(([name, item]) => [name, opened(item, decrypt)]));
}
