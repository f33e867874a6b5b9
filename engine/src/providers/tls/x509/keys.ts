import { createHash, createPublicKey, sign, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

/** The public half of a private key, or a public key itself, as certificates hold it. */
export function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(publicHalf(key).export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

/**
 * The identifier of a public key: the SHA-1 of an RSA key's PKCS #1 form or of a curve's point. For Ed25519 the
 * plugin takes the key as an OCTET STRING, tag and length included.
 */
export function keyIdentifier(key: KeyObject): ArrayBuffer {
  const bytes = Buffer.from(publicKeyInfo(key).subjectPublicKey);
  const octets = key.asymmetricKeyType === "ed25519" ? [Buffer.from([0x04, bytes.length]), bytes] : [bytes];
  const digest = createHash("sha1").update(Buffer.concat(octets)).digest();
  return new Uint8Array(digest).buffer;
}

/**
 * True when `privateKey` belongs to `publicKey`. Not by `KeyObject.equals`: for keys of two types that leaves an
 * error behind in OpenSSL, for which Node (20) then refuses the next key it reads.
 */
export function matches(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const der = (key: KeyObject): Buffer => publicHalf(key).export({ type: "spki", format: "der" });
  return der(privateKey).equals(der(publicKey));
}

/** How `key` signs: the algorithm follows from the key, with a hash as strong as its curve. */
export function signer(key: KeyObject): {
  readonly algorithm: AlgorithmIdentifier;
  readonly sign: (data: ArrayBuffer) => ArrayBuffer;
} {
  const { oid, hash, parameters } = signatureOf(key);
  return {
    algorithm: new AlgorithmIdentifier({
      algorithm: oid,
      ...(parameters === undefined ? {} : { parameters }),
    }),
    sign: (data) => new Uint8Array(sign(hash, new Uint8Array(data), key)).buffer,
  };
}

function signatureOf(key: KeyObject): {
  readonly oid: string;
  readonly hash: string | null;
  readonly parameters?: null;
} {
  if (key.asymmetricKeyType === "rsa")
    return { oid: "1.2.840.113549.1.1.11", hash: "sha256", parameters: null };
  if (key.asymmetricKeyType === "ed25519") return { oid: "1.3.101.112", hash: null };
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case "secp384r1":
      return { oid: "1.2.840.10045.4.3.3", hash: "sha384" };
    case "secp521r1":
      return { oid: "1.2.840.10045.4.3.4", hash: "sha512" };
    default:
      return { oid: "1.2.840.10045.4.3.2", hash: "sha256" };
  }
}

const publicHalf = (key: KeyObject): KeyObject => (key.type === "private" ? createPublicKey(key) : key);
