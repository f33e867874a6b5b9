import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

import { Fault } from "../values/fault";

/** Encrypts and decrypts single texts with one key. */
export interface Crypter {
  /** A new ciphertext at every call: the nonce is random. */
  encrypt(plaintext: string): string;
  /** Fails on a text that was not encrypted with this key, or has been tampered with. */
  decrypt(ciphertext: string): string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM in Pulumi's notation `v1:BASE64(nonce):BASE64(ciphertext ‖ tag)`
 * (`sdk/go/common/resource/config/crypt.go`).
 */
export class SymmetricCrypter implements Crypter {
  /** @param key 32 bytes */
  constructor(private readonly key: Buffer) {}

  encrypt(plaintext: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce);
    const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  decrypt(ciphertext: string): string {
    const [version, nonceText, sealedText, ...rest] = ciphertext.split(":");
    if (nonceText === undefined || sealedText === undefined || rest.length > 0) {
      throw new Fault("bad value: an encrypted value has the form v1:NONCE:CIPHERTEXT");
    }
    if (version !== "v1")
      throw new Fault(`unknown value version "${version ?? ""}" of an encrypted value; it takes: v1`);
    const nonce = Buffer.from(nonceText, "base64");
    const sealed = Buffer.from(sealedText, "base64");
    if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) {
      throw new Fault("bad value: an encrypted value is cut short");
    }
    const decipher = createDecipheriv("aes-256-gcm", this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
        "utf8",
      );
    } catch (error) {
      throw new Fault("failed to decrypt: the value was encrypted with another key, or has been changed", {
        cause: error,
      });
    }
  }
}
