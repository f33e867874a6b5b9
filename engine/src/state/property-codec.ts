import { Fault } from "../values/fault";
import {
  isList,
  ResourceReference,
  Secret,
  Unknown,
  unknown,
  type PropertyMap,
  type Value,
} from "../values/value";
import { goList, goMap, goString } from "./go-json";
import {
  FLOAT,
  RESOURCE_REFERENCE,
  SECRET,
  SIGNATURE_KEY,
  UNKNOWN_PLACEHOLDER,
  UNSUPPORTED,
} from "./signatures";

/** How the text inside a secret gets in and out of the state; the place names it (resource, path). */
export interface SecretText {
  decrypt(place: string, ciphertext: string): string;
  encrypt(place: string, plaintext: string): string;
  /** `encrypt` gives the text as it is, for an export with `--show-secrets`. */
  readonly shown?: boolean;
}

/** Secrets inside a secret are marked, but not encrypted a second time. */
const nested: SecretText = { decrypt: (_, text) => text, encrypt: (_, text) => text };

export function decodeProperties(json: object, secrets: SecretText, place: string): PropertyMap {
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [name, decodeValue(item, secrets, `${place}.${name}`)]),
  );
}

/** A value from parsed JSON. `place` is where it stands: for messages, and for the secrets. */
export function decodeValue(json: unknown, secrets: SecretText, place: string): Value {
  if (json === UNKNOWN_PLACEHOLDER) return unknown;
  if (json === null || typeof json === "boolean" || typeof json === "number" || typeof json === "string")
    return json;
  if (Array.isArray(json)) return json.map((item, index) => decodeValue(item, secrets, `${place}[${index}]`));
  if (typeof json !== "object") throw new Fault(`${place}: ${typeof json} is no JSON`);
  const fields = new Map<string, unknown>(Object.entries(json));
  const signature = fields.get(SIGNATURE_KEY);
  return signature === undefined
    ? decodeProperties(json, secrets, place)
    : decodeSigned(signature, fields, secrets, place);
}

function decodeSigned(
  signature: unknown,
  fields: ReadonlyMap<string, unknown>,
  secrets: SecretText,
  place: string,
): Value {
  switch (signature) {
    case SECRET:
      return decodeSecret(fields, secrets, place);
    case RESOURCE_REFERENCE:
      return decodeReference(fields, place);
    case FLOAT: {
      const hex = fields.get("value");
      if (typeof hex !== "string" || !/^[0-9a-f]{16}$/.test(hex))
        throw new Fault(`${place}: malformed float value`);
      return Buffer.from(hex, "hex").readDoubleBE();
    }
    default: {
      const name = typeof signature === "string" ? UNSUPPORTED[signature] : undefined;
      if (name !== undefined)
        throw new Fault(`${place} is ${name}, which is not in the embedded engine; install Pulumi`);
      throw new Fault(`${place}: unrecognized signature ${JSON.stringify(signature)}`);
    }
  }
}

function decodeSecret(fields: ReadonlyMap<string, unknown>, secrets: SecretText, place: string): Secret {
  const ciphertext = fields.get("ciphertext");
  const plaintext = fields.get("plaintext");
  let text: string;
  if (typeof ciphertext === "string" && plaintext === undefined) {
    text = secrets.decrypt(place, ciphertext);
  } else if (typeof plaintext === "string" && ciphertext === undefined) {
    text = plaintext;
  } else {
    throw new Fault(
      `${place}: malformed secret value: exactly one of \`ciphertext\` or \`plaintext\` must be supplied`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Fault(`${place}: malformed secret value: what was encrypted is no JSON`);
  }
  return new Secret(decodeValue(json, nested, place));
}

function decodeReference(fields: ReadonlyMap<string, unknown>, place: string): ResourceReference {
  const urn = fields.get("urn");
  const id = fields.get("id");
  const version = fields.get("packageVersion");
  if (typeof urn !== "string") throw new Fault(`${place}: malformed resource reference: missing urn`);
  if (id !== undefined && typeof id !== "string") {
    throw new Fault(`${place}: malformed resource reference: id must be a string`);
  }
  return new ResourceReference(urn, id, typeof version === "string" && version !== "" ? version : undefined);
}

export interface Encoding {
  readonly secrets: SecretText;
  /** Unknown values are written as the CLI's placeholder; otherwise they are refused. */
  readonly unknowns: boolean;
  /** `<`, `>` and `&` are escaped: inside secrets. */
  readonly html?: boolean;
}

export function encodeProperties(properties: PropertyMap, encoding: Encoding, place: string): string {
  return goMap(
    Object.entries(properties).map(
      ([name, item]) => [name, encodeValue(item, encoding, `${place}.${name}`)] as const,
    ),
    encoding.html,
  );
}

/** A value as JSON text. */
export function encodeValue(value: Value, encoding: Encoding, place: string): string {
  if (value === null || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "string") return goString(value, encoding.html);
  if (typeof value === "number") return encodeNumber(value);
  if (isList(value))
    return goList(value.map((item, index) => encodeValue(item, encoding, `${place}[${index}]`)));
  if (value instanceof Secret) return encodeSecret(value, encoding, place);
  if (value instanceof ResourceReference) return encodeReference(value);
  if (value instanceof Unknown) {
    if (!encoding.unknowns) throw new Fault(`${place} is not known yet, and cannot be stored`);
    return goString(UNKNOWN_PLACEHOLDER);
  }
  return encodeProperties(value, encoding, place);
}

function encodeSecret(secret: Secret, encoding: Encoding, place: string): string {
  const plaintext = encodeValue(secret.value, { ...encoding, secrets: nested, html: true }, place);
  const ciphertext = encoding.secrets.encrypt(place, plaintext);
  const name = encoding.secrets.shown === true ? "plaintext" : "ciphertext";
  return `{"${SIGNATURE_KEY}":"${SECRET}","${name}":${goString(ciphertext, encoding.html)}}`;
}

function encodeReference(reference: ResourceReference): string {
  const fields: [string, string][] = [
    [SIGNATURE_KEY, goString(RESOURCE_REFERENCE)],
    ["packageVersion", goString(reference.packageVersion ?? "")],
    ["urn", goString(reference.urn)],
  ];
  if (reference.id !== undefined)
    fields.push(["id", goString(reference.id instanceof Unknown ? "" : reference.id)]);
  return goMap(fields);
}

function encodeNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return goMap([
    [SIGNATURE_KEY, goString(FLOAT)],
    ["value", goString(bytes.toString("hex"))],
  ]);
}
