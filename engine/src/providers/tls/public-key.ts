import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { sshPublicKey } from "./ssh";

/** What PrivateKey and getPublicKey tell of a public key. The SSH ones are empty for P-224, unknown to SSH. */
export interface PublicKeyTexts {
  readonly [name: string]: string;
  readonly id: string;
  readonly publicKeyFingerprintMd5: string;
  readonly publicKeyFingerprintSha256: string;
  readonly publicKeyOpenssh: string;
  readonly publicKeyPem: string;
}

export function publicKeyTexts(privateKey: KeyObject): PublicKeyTexts {
  const key = createPublicKey(privateKey);
  const ssh = sshPublicKey(privateKey);
  return {
    id: stateHash(key.export({ type: "spki", format: "der" })),
    publicKeyFingerprintMd5: ssh?.md5 ?? "",
    publicKeyFingerprintSha256: ssh?.sha256 ?? "",
    publicKeyOpenssh: ssh?.authorizedKey ?? "",
    publicKeyPem: key.export({ type: "spki", format: "pem" }) as string,
  };
}

/**
 * An id: the SHA-1 of `der` in hex. The plugin takes the bytes for a text and leaves out white space at its end,
 * which the last byte of a signature now and then is.
 */
export function stateHash(der: Buffer): string {
  const spaces = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/.exec(
    der.toString(),
  );
  const end = der.length - Buffer.byteLength(spaces?.[0] ?? "");
  return createHash("sha1").update(der.subarray(0, end)).digest("hex");
}
