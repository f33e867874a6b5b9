import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings";
import { CertificateAuthority } from "./certificate-authority";
import { certificatesOnly, chainExpires, trustAnchor } from "./provided-chain";
import { ServerCertificate } from "./server-certificate";

/** What the gateway shows and what clients trust, generated or brought by the user. */
export interface Pki {
  /** PEM; what clients trust. */
  readonly caCertificate: pulumi.Output<string>;
  /** PEM: server certificate first. */
  readonly chain: pulumi.Output<string>;
  /** PEM; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** RFC 3339. */
  readonly expires: pulumi.Output<string>;
}

/** The certificate the settings ask for: their own chain and key, or an authority and what it signs. */
export function createPki(settings: Settings, bindAddress: string): Pki {
  const { certificate } = settings;
  if (certificate.chain !== undefined && certificate.key !== undefined) {
    return {
      caCertificate: pulumi.output(trustAnchor(certificate.chain)),
      chain: pulumi.output(certificatesOnly(certificate.chain)),
      privateKey: pulumi.secret(certificate.key),
      expires: pulumi.output(chainExpires(certificate.chain)),
    };
  }
  const authority = new CertificateAuthority("ca", { settings: certificate });
  const any = bindAddress === "0.0.0.0" || bindAddress === "::";
  const server = new ServerCertificate("server", {
    authority,
    settings: certificate,
    names: [settings.hostname, ...certificate.names],
    addresses: [...new Set([...(any ? [] : [bindAddress]), ...certificate.addresses])],
  });
  return {
    caCertificate: authority.certificate,
    chain: server.chain,
    privateKey: server.privateKey,
    expires: server.expires,
  };
}
