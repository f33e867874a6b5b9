import { isList, isPropertyMap, type Value } from "../../values/value";
import type { State } from "./plan";
import { encodeName, type DistinguishedName } from "./x509/distinguished-name";
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
  const uris = texts(state["uris"]).map((text) => {
    const problem = uriProblem(text);
    if (problem !== undefined) {
      throw new Error(`Invalid URI: Failed to parse ${JSON.stringify(text)}: ${problem}`);
    }
    return text.replace(/^[A-Za-z][A-Za-z\d+.-]*(?=:)/, (scheme) => scheme.toLowerCase());
  });
  return { dnsNames: texts(state["dnsNames"]), ipAddresses, uris };
}

export function texts(value: Value | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

/** As lenient as Go's `url.Parse`: a relative reference will do. */
function uriProblem(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(text)) return "invalid control character in URL";
  if (/%(?![\da-fA-F]{2})/.test(text)) return "invalid URL escape";
  return text.startsWith(":") ? "missing protocol scheme" : undefined;
}
