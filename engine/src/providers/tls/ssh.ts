import type { KeyObject } from "node:crypto";
import type { PrivateKey } from "sshpk";
import { sshpk } from "../lazily";
import { encodePem } from "./x509/pem";

export interface SshPublicKey {
  /** A line of an `authorized_keys` file, without a comment, with its line end. */
  readonly authorizedKey: string;
  /** Sixteen bytes in hex, joined by colons. */
  readonly md5: string;
  /** `SHA256:` and base64 without padding. */
  readonly sha256: string;
}

/** The public half of `key` as SSH writes it; undefined for what SSH has no name for (P-224). */
export function sshPublicKey(key: KeyObject): SshPublicKey | undefined {
  const publicKey = forSsh(key)?.toPublic();
  if (publicKey === undefined) return undefined;
  const [type, base64] = publicKey.toString("ssh").split(" ");
  return {
    authorizedKey: `${type} ${base64}\n`,
    md5: publicKey.fingerprint("md5").toString("hex"),
    sha256: publicKey.fingerprint("sha256").toString(),
  };
}

/** `key` in OpenSSH's own PEM form, without a passphrase or a comment; undefined as for `sshPublicKey`. */
export function sshPrivateKey(key: KeyObject): string | undefined {
  const text = forSsh(key)?.toString("ssh-private");
  if (text === undefined) return undefined;
  const base64 = text.replace(/-----[A-Z ]+-----/g, "");
  return encodePem("OPENSSH PRIVATE KEY", Buffer.from(base64, "base64"));
}

function forSsh(key: KeyObject): PrivateKey | undefined {
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const parsed = sshpk().parsePrivateKey(key.export({ type: "pkcs8", format: "pem" }), "pem");
  parsed.comment = "";
  return parsed;
}
