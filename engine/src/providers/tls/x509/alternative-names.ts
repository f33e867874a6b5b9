import { isIPv4 } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Extension, GeneralName, id_ce_subjectAltName, SubjectAlternativeName } from "@peculiar/asn1-x509";

/** What a certificate is for besides its subject. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  /** Canonical: see `parseIp`. */
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** The extension with them; undefined when there are none. */
export function alternativeNames(names: AlternativeNames, critical: boolean): Extension | undefined {
  for (const text of [...names.dnsNames, ...names.uris]) {
    if (!isIa5(text)) throw new Error(`x509: ${JSON.stringify(text)} cannot be encoded as an IA5String`);
  }
  const all = [
    ...names.dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...names.ipAddresses.map((iPAddress) => new GeneralName({ iPAddress })),
    ...names.uris.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
  ];
  return all.length === 0
    ? undefined
    : extension(id_ce_subjectAltName, critical, new SubjectAlternativeName(all));
}

/** The names of an extension of this kind among `extensions`; other kinds of names are left out. */
export function readAlternativeNames(extensions: readonly Extension[]): AlternativeNames {
  const found = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  const names = found ? [...AsnConvert.parse(found.extnValue.buffer, SubjectAlternativeName)] : [];
  const all = (name: "dNSName" | "iPAddress" | "uniformResourceIdentifier"): string[] =>
    names.map((item) => item[name]).filter((text) => text !== undefined);
  return {
    dnsNames: all("dNSName"),
    ipAddresses: all("iPAddress"),
    uris: all("uniformResourceIdentifier"),
  };
}

/** `text` as an address in its shortest form, IPv4 where it is one (`::ffff:…`, too); undefined if it is none. */
export function parseIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!/^[\da-f:.]+$/i.test(text) || !text.includes(":") || !URL.canParse(`http://[${text}]`))
    return undefined;
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address);
  if (mapped === null) return address;
  const words = Buffer.alloc(4);
  mapped.slice(1).forEach((word, index) => words.writeUInt16BE(parseInt(word, 16), index * 2));
  return words.join(".");
}

/** An extension with `value` in DER. */
export function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function isIa5(text: string): boolean {
  return Buffer.from(text).every((byte) => byte < 0x80);
}
