import {
  anyExtendedKeyUsage,
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_kp_clientAuth,
  id_kp_codeSigning,
  id_kp_emailProtection,
  id_kp_OCSPSigning,
  id_kp_serverAuth,
  id_kp_timeStamping,
  KeyUsage,
  KeyUsageFlags,
  type Extension,
} from "@peculiar/asn1-x509";
import { extension } from "./alternative-names";

const keyUsages: Readonly<Record<string, number>> = {
  digital_signature: KeyUsageFlags.digitalSignature,
  content_commitment: KeyUsageFlags.nonRepudiation,
  key_encipherment: KeyUsageFlags.keyEncipherment,
  data_encipherment: KeyUsageFlags.dataEncipherment,
  key_agreement: KeyUsageFlags.keyAgreement,
  cert_signing: KeyUsageFlags.keyCertSign,
  crl_signing: KeyUsageFlags.cRLSign,
  encipher_only: KeyUsageFlags.encipherOnly,
  decipher_only: KeyUsageFlags.decipherOnly,
};

const extendedKeyUsages: Readonly<Record<string, string>> = {
  any_extended: anyExtendedKeyUsage,
  server_auth: id_kp_serverAuth,
  client_auth: id_kp_clientAuth,
  code_signing: id_kp_codeSigning,
  email_protection: id_kp_emailProtection,
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: id_kp_timeStamping,
  ocsp_signing: id_kp_OCSPSigning,
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/** Every word that `allowedUses` takes. */
export const allowedUses = [...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)].sort();

/** The extensions that say what the key may be used for: Key Usage, then Extended Key Usage; or none. */
export function usages(uses: readonly string[]): readonly Extension[] {
  const bits = uses.reduce((sum, use) => sum | (keyUsages[use] ?? 0), 0);
  const extended = uses.map((use) => extendedKeyUsages[use]).filter((oid) => oid !== undefined);
  return [
    ...(bits === 0 ? [] : [extension(id_ce_keyUsage, true, new KeyUsage(bits))]),
    ...(extended.length === 0 ? [] : [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage(extended))]),
  ];
}
