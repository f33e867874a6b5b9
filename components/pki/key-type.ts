import type * as tls from "@pulumi/tls";
import type { CertificateSettings } from "../settings/settings";

type KeyOptions = Pick<tls.PrivateKeyArgs, "algorithm" | "ecdsaCurve" | "rsaBits">;

/** The TLS provider's terms for a `keyType` of the settings. */
export function keyOptions(keyType: CertificateSettings["keyType"]): KeyOptions {
  switch (keyType) {
    case "ecdsa-p256":
      return { algorithm: "ECDSA", ecdsaCurve: "P256" };
    case "rsa-2048":
    case "rsa-3072":
    case "rsa-4096":
      return { algorithm: "RSA", rsaBits: Number(keyType.slice("rsa-".length)) };
    default:
      return keyType satisfies never;
  }
}
