import { AsnConvert } from "@peculiar/asn1-schema";
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";

/** Whom a certificate is for; as Go's `pkix.Name`, which knows no more than this. */
export interface DistinguishedName {
  readonly country: readonly string[];
  readonly province: readonly string[];
  readonly locality: readonly string[];
  readonly streetAddresses: readonly string[];
  readonly postalCode: readonly string[];
  readonly organization: readonly string[];
  readonly organizationalUnit: readonly string[];
  readonly commonName: string;
  readonly serialNumber: string;
  /** Not read back from a request: the plugin leaves it out of the certificate. */
  readonly emailAddress?: string;
}

/** In the order of the name's parts. */
const types = {
  country: "2.5.4.6",
  province: "2.5.4.8",
  locality: "2.5.4.7",
  streetAddresses: "2.5.4.9",
  postalCode: "2.5.4.17",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  commonName: "2.5.4.3",
  serialNumber: "2.5.4.5",
} as const;

const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/** Source: `Name.ToRDNSequence` in Go's crypto/x509/pkix, 1.26: an attribute's values share one part. */
export function encodeName(name: DistinguishedName): Name {
  const parts = Object.entries(types).flatMap(([field, type]) => {
    const value = name[field as keyof typeof types];
    const values = typeof value === "string" ? (value === "" ? [] : [value]) : value;
    return values.length === 0 ? [] : [part(type, values.map(directoryString))];
  });
  const { emailAddress } = name;
  if (emailAddress !== undefined) {
    parts.push(part(EMAIL_ADDRESS, [new AttributeValue({ ia5String: emailAddress })]));
  }
  return new Name(parts);
}

/** What a name says, as far as this knows it. Source: `Name.FillFromRDNSequence`. */
export function readName(name: Name): DistinguishedName {
  const values = (type: string): string[] =>
    name.flatMap((part) =>
      part
        .filter((attribute) => attribute.type === type && attribute.value.anyValue === undefined)
        .map(({ value }) => value.toString()),
    );
  return {
    country: values(types.country),
    province: values(types.province),
    locality: values(types.locality),
    streetAddresses: values(types.streetAddresses),
    postalCode: values(types.postalCode),
    organization: values(types.organization),
    organizationalUnit: values(types.organizationalUnit),
    commonName: values(types.commonName).at(-1) ?? "",
    serialNumber: values(types.serialNumber).at(-1) ?? "",
  };
}

/** DER has the elements of a set in the order of their bytes. */
function part(type: string, values: readonly AttributeValue[]): RelativeDistinguishedName {
  const attributes = values.map((value) => new AttributeTypeAndValue({ type, value }));
  const bytes = (attribute: AttributeTypeAndValue): Buffer => Buffer.from(AsnConvert.serialize(attribute));
  return new RelativeDistinguishedName(attributes.sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
}

/** PrintableString where it can be one, UTF8String otherwise, as Go encodes text. */
function directoryString(text: string): AttributeValue {
  return /^[A-Za-z0-9 '()+,./:=?-]*$/.test(text)
    ? new AttributeValue({ printableString: text })
    : new AttributeValue({ utf8String: text });
}
