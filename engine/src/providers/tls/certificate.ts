import { within } from "./failure";
import type { State } from "./plan";
import { texts } from "./subject-inputs";
import { issue, type Issuer, type Template } from "./x509/certificate";
import { encodePem } from "./x509/pem";

/** What a certificate's inputs say of it, where self-signed and locally signed ones do not differ. */
type Given = Pick<Template, "subject" | "publicKey" | "dnsNames" | "ipAddresses" | "uris">;

/** Makes a certificate from a plan: the values that both certificate types have to tell. */
export function makeCertificate(planned: State, given: Given, issuer: Issuer) {
  const { isCaCertificate, maxPathLength, setSubjectKeyId, setAuthorityKeyId, validityPeriodHours } = planned;
  if (isCaCertificate === true && given.subject.length === 0) {
    throw new Error(
      "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating " +
        "Certificate Authority (CA)",
    );
  }
  if (setAuthorityKeyId === true && isCaCertificate !== true && setSubjectKeyId !== true) {
    throw new Error("Invalid Certificate Authority: Could not determine Authority Key Identifier");
  }
  const template: Template = {
    ...given,
    allowedUses: texts(planned["allowedUses"]),
    isCa: isCaCertificate === true,
    maxPathLength: typeof maxPathLength === "number" ? maxPathLength : 0,
    setSubjectKeyId: setSubjectKeyId === true,
    setAuthorityKeyId: setAuthorityKeyId === true,
    validityHours: validityPeriodHours as number,
  };
  const { der, serial, notBefore, notAfter } = within("Failed to create certificate", () =>
    issue(template, issuer),
  );
  return {
    id: serial,
    certPem: encodePem("CERTIFICATE", der),
    maxPathLength: typeof maxPathLength === "number" ? maxPathLength : null,
    validityStartTime: rfc3339(notBefore),
    validityEndTime: rfc3339(notAfter),
  };
}

/** In UTC, without zeros at the end of the fraction, as Go writes times. */
function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.?0+Z$/, "Z");
}
