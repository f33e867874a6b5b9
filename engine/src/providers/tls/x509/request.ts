import { createPublicKey, type KeyObject } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Attribute, Extensions, type Name } from "@peculiar/asn1-x509";
import { alternativeNames, readAlternativeNames, type AlternativeNames } from "./alternative-names";
import { readName, type DistinguishedName } from "./distinguished-name";
import { publicKeyInfo, signer } from "./keys";

/** PKCS #9's extensionRequest. */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** A PKCS #10 request in DER, as Go's `x509.CreateCertificateRequest` makes it. */
export function createRequest(subject: Name, names: AlternativeNames, key: KeyObject): Buffer {
  const { algorithm, sign } = signer(key);
  const extension = alternativeNames(names, false);
  const wanted = extension && AsnConvert.serialize(new Extensions([extension]));
  const certificationRequestInfo = new CertificationRequestInfo({
    version: 0,
    subject,
    subjectPKInfo: publicKeyInfo(key),
    attributes: new Attributes(wanted ? [new Attribute({ type: EXTENSION_REQUEST, values: [wanted] })] : []),
  });
  const signature = sign(AsnConvert.serialize(certificationRequestInfo));
  const request = new CertificationRequest({
    certificationRequestInfo,
    signatureAlgorithm: algorithm,
    signature,
  });
  return Buffer.from(AsnConvert.serialize(request));
}

/** What a certificate takes over from a request. */
export interface ReadRequest extends AlternativeNames {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
}

/** Reads a request in DER. As in the plugin, its signature is not looked at. */
export function readRequest(der: Buffer): ReadRequest {
  const { certificationRequestInfo: info } = AsnConvert.parse(der, CertificationRequest);
  const extensions = info.attributes
    .filter(({ type }) => type === EXTENSION_REQUEST)
    .flatMap(({ values }) => values.flatMap((value) => [...AsnConvert.parse(value, Extensions)]));
  return {
    subject: readName(info.subject),
    publicKey: createPublicKey({
      key: Buffer.from(AsnConvert.serialize(info.subjectPKInfo)),
      format: "der",
      type: "spki",
    }),
    ...readAlternativeNames(extensions),
  };
}
