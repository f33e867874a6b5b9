import type { Attribute } from "./attributes";

const text: Attribute = { kind: "text", use: "optional", replaces: "always" };

/** The fields of a `subject`, each of them optional. */
export const subjectFields = {
  commonName: text,
  country: text,
  emailAddress: text,
  locality: text,
  organization: text,
  organizationalUnit: text,
  postalCode: text,
  province: text,
  serialNumber: text,
  streetAddresses: { kind: "list of text", use: "optional", replaces: "always" },
} satisfies Record<string, Attribute>;

/** The input for whom a certificate is, and the names it is for. */
export const subjectInputs = {
  subject: { kind: "subject", use: "optional", replaces: "always" },
  dnsNames: { kind: "list of text", use: "optional", replaces: "always" },
  ipAddresses: { kind: "list of text", use: "optional", replaces: "always", filled: true },
  uris: { kind: "list of text", use: "optional", replaces: "always", filled: true },
} satisfies Record<string, Attribute>;
