import { createPrivateKey, type KeyObject } from "node:crypto";
import { decodePem } from "./x509/pem";

export interface ParsedKey {
  readonly key: KeyObject;
  /** As PrivateKey's `algorithm`. */
  readonly algorithm: "RSA" | "ECDSA" | "ED25519";
}

const encodings = {
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
  "PRIVATE KEY": "pkcs8",
} as const;

/** Types the plugin knows, though not as private keys. */
const otherTypes = ["PUBLIC KEY", "CERTIFICATE", "CERTIFICATE REQUEST"];

const curves = ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];

/** A private key from its PEM text. Errors never hold any of it. */
export function parsePrivateKey(text: string): ParsedKey {
  const block = decodePem(text);
  if (block === undefined) {
    const length = Buffer.byteLength(text);
    throw new Error(`failed to decode PEM block: decoded bytes 0, undecoded ${length}`);
  }
  const { type, der } = block;
  if (!isPrivateKeyType(type)) {
    throw new Error(
      otherTypes.includes(type)
        ? `unable to determine parser for PEM preamble: ${type}`
        : `unsupported PEM preamble/type: ${type}`,
    );
  }
  const failure = `failed to parse private key given PEM preamble '${type}'`;
  const key = withoutCause(failure, () =>
    createPrivateKey({ key: der, format: "der", type: encodings[type] }),
  );
  const algorithm = algorithmOf(key);
  if (algorithm === undefined)
    throw new Error(`${failure}: it is neither RSA, ECDSA (P-224 to P-521) nor Ed25519`);
  return { key, algorithm };
}

function isPrivateKeyType(type: string): type is keyof typeof encodings {
  return Object.hasOwn(encodings, type);
}

/** Undefined for a kind of key that the plugin does not know. */
export function algorithmOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): ParsedKey["algorithm"] | undefined {
  if (asymmetricKeyType === "rsa") return "RSA";
  if (asymmetricKeyType === "ed25519") return "ED25519";
  return asymmetricKeyType === "ec" && curves.includes(asymmetricKeyDetails?.namedCurve ?? "")
    ? "ECDSA"
    : undefined;
}

/** OpenSSL's own reason is left out: it helps nobody, and nothing of the key may get into a message. */
function withoutCause<T>(message: string, attempt: () => T): T {
  try {
    return attempt();
  } catch {
    throw new Error(message);
  }
}
