import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PropertyMap, Value } from "../../../src/values/value";

/** Recorded runs of the real Pulumi CLI, where this machine has them. */
const folder = process.env["GOLDEN_RUNS"] ?? "/work/shared/golden/runs";
const secretMark = "4dabf18193072939515e22adb298388d";

export interface GoldenResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

interface Checkpoint {
  readonly deployment: {
    readonly resources: readonly GoldenResource[];
    readonly secrets_providers: { readonly state: { readonly salt: string } };
  };
}

/** The Docker resources in the state after a step (`1-create`), secrets decrypted; undefined: no such recording. */
export function goldenDocker(step: string): readonly GoldenResource[] | undefined {
  const text = read(`${folder}/${step}.state.json`);
  if (text === undefined) return undefined;
  const { deployment } = JSON.parse(text) as Checkpoint;
  const salt = deployment.secrets_providers.state.salt.split(":")[1] ?? "";
  const key = pbkdf2Sync("golden", Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  return deployment.resources
    .filter(({ type }) => type.startsWith("docker:"))
    .map((resource) => ({
      ...resource,
      inputs: decrypted(resource.inputs, key) as PropertyMap,
      outputs: decrypted(resource.outputs, key) as PropertyMap,
    }));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function decrypted(value: Value, key: Buffer): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => decrypted(item, key));
  if (typeof value !== "object" || value === null) return value;
  const members = value as PropertyMap;
  if (secretMark in members && typeof members["ciphertext"] === "string") {
    return JSON.parse(decrypt(members["ciphertext"], key)) as Value;
  }
  return Object.fromEntries(Object.entries(members).map(([name, item]) => [name, decrypted(item, key)]));
}

function decrypt(text: string, key: Buffer): string {
  const [, nonce = "", sealed = ""] = text.split(":");
  const bytes = Buffer.from(sealed, "base64");
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]).toString("utf8");
}
