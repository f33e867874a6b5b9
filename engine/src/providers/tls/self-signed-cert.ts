import { madeOnce, type Attributes } from "./attributes";
import { makeCertificate } from "./certificate";
import { certificateAttributes } from "./certificate-attributes";
import { within } from "./failure";
import { parsePrivateKey } from "./private-key-pem";
import { planRenewal, readRenewal } from "./renewal";
import { tlsResource } from "./resource";
import { namesOf, subjectName } from "./subject-inputs";
import { subjectInputs } from "./subject";

const attributes = {
  ...certificateAttributes,
  ...subjectInputs,
  privateKeyPem: { kind: "text", use: "required", replaces: "pem", sensitive: true },
  setAuthorityKeyId: {
    kind: "boolean",
    use: "optional",
    replaces: "always",
    computed: true,
    default: false,
  },
  keyAlgorithm: madeOnce,
} satisfies Attributes;

/** `tls:index/selfSignedCert:SelfSignedCert`. The id is the serial number in decimal. */
export const selfSignedCert = tlsResource({
  attributes,
  schemaVersion: 0,
  adjust: planRenewal,
  refreshed: readRenewal,
  create: (planned) => {
    const { key, algorithm } = within("Failed to parse private key PEM", () =>
      parsePrivateKey(planned["privateKeyPem"] as string),
    );
    const subject = subjectName(planned);
    const issuer = { name: subject, privateKey: key, keyId: "own" as const };
    const certificate = makeCertificate(planned, { subject, publicKey: key, ...namesOf(planned) }, issuer);
    return { ...certificate, keyAlgorithm: algorithm };
  },
});
