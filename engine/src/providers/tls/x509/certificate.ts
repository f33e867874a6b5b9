import { randomBytes, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  SubjectKeyIdentifier,
  TBSCertificate,
  Validity,
  Version,
  type Extension,
  type Name,
} from "@peculiar/asn1-x509";
import { alternativeNames, extension, type AlternativeNames } from "./alternative-names";
import { keyIdentifier, publicKeyInfo, signer } from "./keys";
import { usages } from "./key-usages";

const SERIAL_BYTES = 16;
const HOUR_MS = 3_600_000;

/** A certificate to be made. */
export interface Template extends AlternativeNames {
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly allowedUses: readonly string[];
  readonly isCa: boolean;
  /** 0 and below: no limit, as the plugin has it. */
  readonly maxPathLength: number;
  readonly setSubjectKeyId: boolean;
  /** The issuer's key identifier is noted though issuer and subject have the same name. */
  readonly setAuthorityKeyId: boolean;
  readonly validityHours: number;
}

/** Who signs: a certificate authority, or the subject itself. */
export interface Issuer {
  readonly name: Name;
  readonly privateKey: KeyObject;
  /** From its certificate, if that has one; `own`: that of the certificate to be made. */
  readonly keyId: ArrayBuffer | "own" | undefined;
}

export interface Issued {
  readonly der: Buffer;
  /** In decimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate, version 3, its parts in the order in which Go's `x509.CreateCertificate` puts them. */
export function issue(template: Template, issuer: Issuer): Issued {
  if (!template.isCa && template.maxPathLength > 0) {
    throw new Error("x509: only CAs are allowed to specify MaxPathLen");
  }
  const { algorithm, sign } = signer(issuer.privateKey);
  const serial = randomBytes(SERIAL_BYTES);
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + template.validityHours * HOUR_MS);
  if (Number.isNaN(notAfter.getTime()) || notAfter.getUTCFullYear() > 9999) {
    throw new Error(
      "x509: the validity period ends beyond the year 9999, which a certificate cannot express",
    );
  }

  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: positiveInteger(serial),
    signature: algorithm,
    issuer: issuer.name,
    validity: new Validity({ notBefore: wholeSeconds(notBefore), notAfter: wholeSeconds(notAfter) }),
    subject: template.subject,
    subjectPublicKeyInfo: publicKeyInfo(template.publicKey),
    extensions: new Extensions(extensions(template, issuer)),
  });
  const signatureValue = sign(AsnConvert.serialize(tbsCertificate));
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  return {
    der: Buffer.from(AsnConvert.serialize(certificate)),
    serial: BigInt(`0x${serial.toString("hex")}`).toString(),
    notBefore,
    notAfter,
  };
}

function extensions(template: Template, issuer: Issuer): Extension[] {
  const { isCa, maxPathLength, setSubjectKeyId, setAuthorityKeyId } = template;
  const constraints = new BasicConstraints({
    cA: isCa,
    ...(maxPathLength > 0 ? { pathLenConstraint: maxPathLength } : {}),
  });
  const subjectKeyId = isCa || setSubjectKeyId ? keyIdentifier(template.publicKey) : undefined;
  const issuerKeyId = issuer.keyId === "own" ? subjectKeyId : issuer.keyId;
  const authorityKeyId =
    setAuthorityKeyId || !sameName(issuer.name, template.subject) ? issuerKeyId : undefined;
  const names = alternativeNames(template, template.subject.length === 0);
  return [
    ...usages(template.allowedUses),
    extension(id_ce_basicConstraints, true, constraints),
    ...(subjectKeyId
      ? [extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(subjectKeyId))]
      : []),
    ...(authorityKeyId ? [extension(id_ce_authorityKeyIdentifier, false, authority(authorityKeyId))] : []),
    ...(names ? [names] : []),
  ];
}

function authority(keyId: ArrayBuffer): AuthorityKeyIdentifier {
  return new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId) });
}

function sameName(one: Name, other: Name): boolean {
  return Buffer.from(AsnConvert.serialize(one)).equals(Buffer.from(AsnConvert.serialize(other)));
}

/** Certificates know whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** An INTEGER's bytes: without leading zeros, but one where the number would otherwise be negative. */
function positiveInteger(bytes: Buffer): ArrayBuffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.from([0]) : bytes.subarray(start);
  const sign = (digits[0] ?? 0) > 0x7f ? [0] : [];
  return new Uint8Array([...sign, ...digits]).buffer;
}
