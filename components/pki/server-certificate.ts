import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { CertificateSettings } from "../settings/settings";
import type { CertificateAuthority } from "./certificate-authority";
import { keyOptions } from "./key-type";

export interface ServerCertificateArgs {
  readonly authority: CertificateAuthority;
  readonly settings: CertificateSettings;
  /** DNS names, the first one also as common name. */
  readonly names: readonly [string, ...string[]];
  /** IP addresses. Clients ignore the common name, so what is not in either list is not trusted. */
  readonly addresses: readonly string[];
}

/**
 * The certificate the gateway shows: key, request, and the authority's signature. Within `renewBeforeDays` of its
 * end a preview shows its replacement, and an update makes it: without a restart.
 *
 * ```ts
 * const server = new ServerCertificate("server", { authority, settings, names: [hostname], addresses: [] });
 * ```
 */
export class ServerCertificate extends pulumi.ComponentResource {
  /** PEM: server certificate, then the authority's. */
  readonly chain: pulumi.Output<string>;
  /** PEM; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** RFC 3339. */
  readonly expires: pulumi.Output<string>;

  constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:pki:ServerCertificate", name, {}, opts);
    const { authority, settings, names } = args;
    const key = new tls.PrivateKey(`${name}-key`, keyOptions(settings.keyType), { parent: this });
    this.privateKey = pulumi.secret(key.privateKeyPem);
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: this.privateKey,
        // X.509 holds 64 characters there; a longer name stands among the alternative names alone.
        subject: { commonName: names[0].slice(0, 64), ...organization(settings) },
        dnsNames: [...names],
        ipAddresses: [...args.addresses],
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-cert`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: authority.certificate,
        caPrivateKeyPem: authority.privateKey,
        validityPeriodHours: settings.serverDays * 24,
        earlyRenewalHours: settings.renewBeforeDays * 24,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      },
      { parent: this },
    );
    this.chain = pulumi.interpolate`${certificate.certPem}${authority.certificate}`;
    this.expires = certificate.validityEndTime;
    this.registerOutputs({ chain: this.chain, expires: this.expires });
  }
}

function organization({ subject }: CertificateSettings): {
  organization?: string;
  organizationalUnit?: string;
} {
  return {
    ...(subject.organization === undefined ? {} : { organization: subject.organization }),
    ...(subject.organizationalUnit === undefined ? {} : { organizationalUnit: subject.organizationalUnit }),
  };
}
