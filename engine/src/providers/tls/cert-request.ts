import { madeOnce, type Attributes } from "./attributes";
import { within } from "./failure";
import { parsePrivateKey } from "./private-key-pem";
import { stateHash } from "./public-key";
import { tlsResource } from "./resource";
import { namesOf, subjectName } from "./subject-inputs";
import { subjectInputs } from "./subject";
import { encodePem } from "./x509/pem";
import { createRequest } from "./x509/request";

const attributes = {
  ...subjectInputs,
  privateKeyPem: { kind: "text", use: "required", replaces: "pem", sensitive: true },
  certRequestPem: madeOnce,
  keyAlgorithm: madeOnce,
} satisfies Attributes;

/** `tls:index/certRequest:CertRequest`: a certificate signing request. The id is the SHA-1 of its DER. */
export const certRequest = tlsResource({
  attributes,
  schemaVersion: 0,
  create: (planned) => {
    const { key, algorithm } = within("Failed to parse private key PEM", () =>
      parsePrivateKey(planned["privateKeyPem"] as string),
    );
    const names = namesOf(planned);
    const der = within("Error creating certificate request", () =>
      createRequest(subjectName(planned), names, key),
    );
    return {
      id: stateHash(der),
      certRequestPem: encodePem("CERTIFICATE REQUEST", der),
      keyAlgorithm: algorithm,
    };
  },
});
