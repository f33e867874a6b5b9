import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { Attribute, Attributes } from "./attributes";
import type { State } from "./plan";
import { publicKeyTexts } from "./public-key";
import { tlsResource } from "./resource";
import { sshPrivateKey } from "./ssh";

const generate = promisify(generateKeyPair);

/** By the plugin's name for them, OpenSSL's. */
const curves: Readonly<Record<string, string>> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

/** Go refuses less. */
const LEAST_RSA_BITS = 1024;

const made: Attribute = { kind: "text", use: "output", computed: true };
const secret: Attribute = { ...made, sensitive: true };

const attributes = {
  algorithm: { kind: "text", use: "required", replaces: "always", values: ["RSA", "ECDSA", "ED25519"] },
  ecdsaCurve: {
    kind: "text",
    use: "optional",
    replaces: "always",
    computed: true,
    default: "P224",
    values: Object.keys(curves),
  },
  rsaBits: { kind: "whole number", use: "optional", replaces: "always", computed: true, default: 2048 },
  privateKeyOpenssh: secret,
  privateKeyPem: secret,
  privateKeyPemPkcs8: secret,
  publicKeyFingerprintMd5: made,
  publicKeyFingerprintSha256: made,
  publicKeyOpenssh: made,
  publicKeyPem: made,
} satisfies Attributes;

/** `tls:index/privateKey:PrivateKey`: a new key pair. The id is the SHA-1 of the public key's SPKI. */
export const privateKey = tlsResource({
  attributes,
  schemaVersion: 1,
  create: async (planned) => {
    const key = await generateKey(planned);
    return {
      ...publicKeyTexts(key),
      privateKeyOpenssh: sshPrivateKey(key) ?? "",
      privateKeyPem: traditionalPem(key),
      privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }) as string,
    };
  },
});

async function generateKey({ algorithm, ecdsaCurve, rsaBits }: State): Promise<KeyObject> {
  switch (algorithm) {
    case "ED25519":
      return (await generate("ed25519")).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: curves[ecdsaCurve as string] ?? "" })).privateKey;
    default: {
      const modulusLength = rsaBits as number;
      if (modulusLength < LEAST_RSA_BITS) {
        const reason = `${modulusLength}-bit keys are insecure; rsaBits must be at least ${LEAST_RSA_BITS}`;
        throw new Error(`Unable to generate Key from configuration: crypto/rsa: ${reason}`);
      }
      return (await generate("rsa", { modulusLength })).privateKey;
    }
  }
}

/** The form that names the algorithm, where there is one. */
function traditionalPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }) as string;
    case "ec":
      return key.export({ type: "sec1", format: "pem" }) as string;
    default:
      return key.export({ type: "pkcs8", format: "pem" }) as string;
  }
}
