import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

export interface ProvidedChain {
  /** PEM: the server certificate, then the certificate of each one's issuer. */
  readonly chain: string;
  /** PEM: the private key of the first certificate. */
  readonly key: string;
  /** DNS names the server certificate must cover. */
  readonly names: readonly string[];
  /** IP addresses it must cover. */
  readonly addresses: readonly string[];
  readonly now: Date;
}

export interface ChainFault {
  readonly part: "chain" | "key";
  readonly message: string;
}

/** Extended key usage: serverAuth, or any. */
const SERVER_PURPOSES = new Set(["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"]);

/**
 * What is wrong with a certificate that the user brings, all of it: unreadable, expired or not yet valid,
 * in the wrong order, without its root, for another name or purpose, or with another key. Empty where it can be used.
 */
export function chainFaults({ chain, key, names, addresses, now }: ProvidedChain): ChainFault[] {
  const faults: ChainFault[] = [];
  const certificates = readChain(chain);
  const privateKey = readKey(key);
  if (typeof certificates === "string") faults.push({ part: "chain", message: certificates });
  if (typeof privateKey === "string") faults.push({ part: "key", message: privateKey });
  if (typeof certificates === "string") return faults;

  const [leaf, ...issuers] = certificates as [X509Certificate, ...X509Certificate[]];
  certificates.forEach((certificate, index) => {
    const about = `certificate ${index + 1} (${oneLine(certificate.subject)})`;
    const from = new Date(certificate.validFrom);
    const to = new Date(certificate.validTo);
    if (to < now) faults.push({ part: "chain", message: `${about} expired on ${to.toISOString()}` });
    if (from > now)
      faults.push({ part: "chain", message: `${about} is not valid before ${from.toISOString()}` });
  });
  issuers.forEach((issuer, index) => {
    const issued = certificates[index];
    if (issued !== undefined && !(issued.checkIssued(issuer) && issued.verify(issuer.publicKey))) {
      faults.push({
        part: "chain",
        message:
          `is out of order: certificate ${index + 1} (${oneLine(issued.subject)}) was not issued by ` +
          `certificate ${index + 2} (${oneLine(issuer.subject)}); its issuer is ${oneLine(issued.issuer)}`,
      });
    } else if (!issuer.ca) {
      faults.push({
        part: "chain",
        message: `certificate ${index + 2} (${oneLine(issuer.subject)}) is not that of a certificate authority`,
      });
    }
  });
  const inOrder = !issuers.some((issuer, index) => certificates[index]?.issuer !== issuer.subject);
  const last = certificates.at(-1) ?? leaf;
  // What clients are to trust is the last one; of an intermediate authority, most trust nothing.
  const signedItself = last.subject === last.issuer && last.verify(last.publicKey);
  if (inOrder && !signedItself) {
    faults.push({
      part: "chain",
      message:
        `ends with certificate ${certificates.length} (${oneLine(last.subject)}), which is no root: ` +
        `add the certificate of its issuer (${oneLine(last.issuer)}), and so on, up to the one that signed itself`,
    });
  }
  // Node's name for the extended key usage; absent: for any purpose.
  const purposes = leaf.keyUsage as readonly string[] | undefined;
  if (purposes !== undefined && !purposes.some((oid) => SERVER_PURPOSES.has(oid))) {
    faults.push({
      part: "chain",
      message: `certificate 1 (${oneLine(leaf.subject)}) is not for servers: its extended key usage lacks serverAuth`,
    });
  }
  // A common name does not count: clients have long ignored it.
  const uncovered = [
    ...names.filter((name) => leaf.checkHost(name, { subject: "never" }) === undefined),
    ...addresses.filter((address) => leaf.checkIP(address) === undefined),
  ];
  for (const name of uncovered) {
    faults.push({
      part: "chain",
      message: `does not cover the name ${name}; its names are ${leaf.subjectAltName ?? "none (no subject alternative names)"}`,
    });
  }
  if (typeof privateKey !== "string" && !leaf.checkPrivateKey(privateKey)) {
    faults.push({
      part: "key",
      message: `does not belong to the first certificate of chain (${oneLine(leaf.subject)})`,
    });
  }
  return faults;
}

/** The last certificate of a chain: what clients are to trust. */
export function trustAnchor(chain: string): string {
  return splitChain(chain).at(-1) ?? chain;
}

/** When the first certificate of a chain to end does so, RFC 3339: from then on clients refuse it. */
export function chainExpires(chain: string): string {
  const ends = splitChain(chain).map((pem) => new Date(new X509Certificate(pem).validTo).getTime());
  return new Date(Math.min(...ends)).toISOString();
}

/** The certificates of a chain and nothing else: a file may hold the key, too, and text between them. */
export function certificatesOnly(chain: string): string {
  return splitChain(chain).join("");
}

function splitChain(chain: string): string[] {
  return (chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => `${pem}\n`,
  );
}

function readChain(chain: string): X509Certificate[] | string {
  const pems = splitChain(chain);
  if (pems.length === 0) return "holds no certificate: it takes PEM (-----BEGIN CERTIFICATE-----)";
  try {
    return pems.map((pem) => new X509Certificate(pem));
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

/** The error of a key that cannot be read never repeats any of it. */
function readKey(key: string): KeyObject | string {
  try {
    return createPrivateKey(key);
  } catch {
    return "cannot be read: it takes a private key in PEM without a passphrase";
  }
}

function oneLine(distinguishedName: string): string {
  return distinguishedName.replaceAll("\n", ", ");
}
