import type { Provider } from "../provider";
import { certRequest } from "./cert-request";
import { getPublicKey } from "./get-public-key";
import { locallySignedCert } from "./locally-signed-cert";
import { privateKey } from "./private-key";
import { selfSignedCert } from "./self-signed-cert";

/** Keys, certificates and requests that are made once and kept in the state, as Pulumi's tls plugin 5.6.1 does. */
export const provider: Provider = {
  name: "tls",
  version: "5.6.1",
  configure: () => ({
    resources: {
      "tls:index/certRequest:CertRequest": certRequest,
      "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
      "tls:index/privateKey:PrivateKey": privateKey,
      "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    },
    functions: { "tls:index/getPublicKey:getPublicKey": getPublicKey },
  }),
};
