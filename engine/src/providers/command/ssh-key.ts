import type { ConnectConfig, ParsedKey } from "ssh2";
import { ssh2, sshpk } from "../lazily";

/**
 * A private key in a form ssh2 reads. It knows OpenSSH's and the older PEM forms; PKCS #8, which the tls plugin writes
 * for ED25519 and the real command plugin reads, is brought into OpenSSH's.
 *
 * Fails without a word of the key itself.
 */
export function usableKey(
  privateKey: string,
  passphrase: string | undefined,
): Pick<ConnectConfig, "privateKey" | "passphrase"> {
  const readable = isPkcs8(privateKey) ? openSsh(privateKey) : privateKey;
  const parsed = ssh2().utils.parseKey(readable, passphrase);
  // OpenSSH's form can hold several; the first counts.
  const [key] = [parsed].flat() as readonly (ParsedKey | Error | undefined)[];
  if (key === undefined || key instanceof Error || !key.isPrivateKey()) {
    throw unusable(key instanceof Error ? key.message : "it is not a private key");
  }
  return { privateKey: readable, ...(passphrase === undefined ? {} : { passphrase }) };
}

const isPkcs8 = (privateKey: string): boolean => privateKey.includes("-----BEGIN PRIVATE KEY-----");

function openSsh(privateKey: string): string {
  try {
    return sshpk().parsePrivateKey(privateKey, "pkcs8").toString("ssh-private");
  } catch {
    // Nothing of what the parser says may get into the message: it can hold a part of the key.
    throw unusable("it cannot be read as PKCS #8");
  }
}

const unusable = (reason: string): Error => new Error(`connection: privateKey cannot be used: ${reason}`);
