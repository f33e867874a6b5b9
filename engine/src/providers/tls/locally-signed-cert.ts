import { createPublicKey } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { madeOnce, type Attribute, type Attributes } from "./attributes";
import { makeCertificate } from "./certificate";
import { certificateAttributes } from "./certificate-attributes";
import { within } from "./failure";
import { parsePrivateKey } from "./private-key-pem";
import { planRenewal, readRenewal } from "./renewal";
import { tlsResource } from "./resource";
import { encodeName } from "./x509/distinguished-name";
import { matches } from "./x509/keys";
import { expectPem } from "./x509/pem";
import { readRequest } from "./x509/request";

const pem: Attribute = { kind: "text", use: "required", replaces: "pem" };

const attributes = {
  ...certificateAttributes,
  caCertPem: pem,
  caPrivateKeyPem: { ...pem, sensitive: true },
  certRequestPem: pem,
  caKeyAlgorithm: madeOnce,
} satisfies Attributes;

/** `tls:index/locallySignedCert:LocallySignedCert`: a request signed by a CA. The id is the serial number. */
export const locallySignedCert = tlsResource({
  attributes,
  schemaVersion: 0,
  adjust: planRenewal,
  refreshed: readRenewal,
  create: (planned, context) => {
    const request = within("Failed to parse certificate request PEM", () =>
      readRequestPem(planned["certRequestPem"] as string),
    );
    const ca = within("Failed to parse CA private key PEM", () =>
      parsePrivateKey(planned["caPrivateKeyPem"] as string),
    );
    const authority = within("Failed to parse CA certificate PEM", () =>
      readAuthority(planned["caCertPem"] as string),
    );
    if (!authority.isCa) {
      context.log(
        "warning",
        "Potentially Invalid Certificate Authority: Certificate provided as Authority does not appear to be a " +
          "valid Certificate Authority. The resulting certificate might fail certificate validation.",
      );
    }
    if (!matches(ca.key, authority.publicKey)) {
      throw new Error(
        "Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
      );
    }
    const issuer = { name: authority.name, privateKey: ca.key, keyId: authority.keyId };
    const given = { ...request, subject: encodeName(request.subject) };
    return { ...makeCertificate(planned, given, issuer), caKeyAlgorithm: ca.algorithm };
  },
});

function readRequestPem(text: string) {
  const der = expectPem(text, "CERTIFICATE REQUEST");
  return within("failed to parse certificate request", () => readRequest(der));
}

/** What the signing of a certificate needs to know of the authority's own one. */
function readAuthority(text: string) {
  const der = expectPem(text, "CERTIFICATE");
  return within("failed to parse certificate", () => {
    const { tbsCertificate } = AsnConvert.parse(der, Certificate);
    const value = (oid: string): ArrayBuffer | undefined =>
      tbsCertificate.extensions?.find(({ extnID }) => extnID === oid)?.extnValue.buffer;
    const constraints = value(id_ce_basicConstraints);
    const keyId = value(id_ce_subjectKeyIdentifier);
    return {
      name: tbsCertificate.subject,
      isCa: constraints !== undefined && AsnConvert.parse(constraints, BasicConstraints).cA,
      keyId: keyId && AsnConvert.parse(keyId, SubjectKeyIdentifier).buffer,
      publicKey: createPublicKey({
        key: Buffer.from(AsnConvert.serialize(tbsCertificate.subjectPublicKeyInfo)),
        format: "der",
        type: "spki",
      }),
    };
  });
}
