import { isList, isPropertyMap, type Value } from "../../values/value";
import { within } from "./failure";
import type { State } from "./plan";
import { encodeName, type DistinguishedName } from "./x509/distinguished-name";
import { canonicalUri } from "./x509/uri";
import { parseIp, type AlternativeNames } from "./x509/alternative-names";
import type { Name } from "@peculiar/asn1-x509";

/** The `subject` input as a name; empty when there is none. */
export function subjectName({ subject }: State): Name {
  const fields = isPropertyMap(subject) ? subject : {};
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" ? value : undefined;
  };
  const one = (name: string): readonly string[] => {
    const value = text(name);
    return value === undefined ? [] : [value];
  };
  const emailAddress = text("emailAddress");
  const name: DistinguishedName = {
    country: one("country"),
    province: one("province"),
    locality: one("locality"),
    streetAddresses: texts(fields["streetAddresses"]),
    postalCode: one("postalCode"),
    organization: one("organization"),
    organizationalUnit: one("organizationalUnit"),
    commonName: text("commonName") ?? "",
    serialNumber: text("serialNumber") ?? "",
    ...(emailAddress === undefined ? {} : { emailAddress }),
  };
  return encodeName(name);
}

/** The inputs `dnsNames`, `ipAddresses` and `uris`. */
export function namesOf(state: State): AlternativeNames {
  const ipAddresses = texts(state["ipAddresses"]).map((text) => {
    const address = parseIp(text);
    if (address === undefined) throw new Error(`Invalid IP address: Failed to parse ${JSON.stringify(text)}`);
    return address;
  });
  const uris = texts(state["uris"]).map((text) =>
    within(`Invalid URI: Failed to parse ${JSON.stringify(text)}`, () => canonicalUri(text)),
  );
  return { dnsNames: texts(state["dnsNames"]), ipAddresses, uris };
}

export function texts(value: Value | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}
