import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { CertificateSettings } from "../settings/settings";
import { keyOptions } from "./key-type";

export interface CertificateAuthorityArgs {
  readonly settings: CertificateSettings;
}

/**
 * A private certificate authority: a key, protected against deletion, and a certificate it signs itself.
 *
 * The certificate is renewed with the same key early enough that no server certificate outlives it. Whoever trusts
 * the old one goes on verifying until it ends.
 *
 * ```ts
 * const authority = new CertificateAuthority("ca", { settings: settings.certificate });
 * ```
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM; public. */
  readonly certificate: pulumi.Output<string>;
  /** PEM; secret. */
  readonly privateKey: pulumi.Output<string>;

  constructor(name: string, { settings }: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:pki:CertificateAuthority", name, {}, opts);
    const key = new tls.PrivateKey(`${name}-key`, keyOptions(settings.keyType), {
      parent: this,
      protect: settings.protect,
    });
    this.privateKey = pulumi.secret(key.privateKeyPem);
    const certificate = new tls.SelfSignedCert(
      `${name}-cert`,
      {
        privateKeyPem: this.privateKey,
        isCaCertificate: true,
        setSubjectKeyId: true,
        subject: settings.subject,
        validityPeriodHours: settings.authorityDays * 24,
        earlyRenewalHours: authorityRenewalDays(settings) * 24,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    // Never the private key: outputs of a component stand in the state, and in the way of whoever reads it.
    this.registerOutputs({ certificate: this.certificate });
  }
}

/** Half of its life at most: an authority as short-lived as its server certificate must not be renewed by every run. */
export function authorityRenewalDays({
  authorityDays,
  serverDays,
  renewBeforeDays,
}: CertificateSettings): number {
  return Math.min(serverDays + renewBeforeDays, Math.floor(authorityDays / 2));
}
