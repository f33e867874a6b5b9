import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A certificate and its private key, as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Default: itself. */
  readonly issuer?: Issued;
  readonly ca?: boolean;
  /** DNS names and IP addresses. */
  readonly names?: readonly string[];
  readonly days?: number;
  /** Extended key usage, openssl's names. Default: for any purpose. */
  readonly purpose?: string;
}

/** A real certificate by openssl: ECDSA P-256, valid from now on for a year. */
export function issue({
  commonName,
  issuer,
  ca = false,
  names = [],
  days = 365,
  purpose,
}: CertificateOptions): Issued {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-certificate-"));
  const file = (name: string, text?: string) => {
    const full = path.join(folder, name);
    if (text !== undefined) fs.writeFileSync(full, text, { mode: 0o600 });
    return full;
  };
  const openssl = (...args: string[]) => execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });
  const alternatives = names.map((name) => `${/^[\d.]+$|:/.test(name) ? "IP" : "DNS"}:${name}`);
  const extensions = [
    `basicConstraints=critical,CA:${String(ca).toUpperCase()}`,
    `keyUsage=critical,${ca ? "keyCertSign,cRLSign" : "digitalSignature"}`,
    ...(purpose === undefined ? [] : [`extendedKeyUsage=${purpose}`]),
    ...(alternatives.length > 0 ? [`subjectAltName=${alternatives.join(",")}`] : []),
  ];
  try {
    const key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
    const request = file(
      "request",
      openssl("req", "-new", "-key", file("key", key), "-subj", `/CN=${commonName}`),
    );
    const signer = issuer ?? { key, certificate: "" };
    const by = issuer
      ? ["-CA", file("ca", issuer.certificate), "-CAkey", file("ca-key", signer.key), "-CAcreateserial"]
      : ["-key", file("key")];
    const asked = [
      "-in",
      request,
      "-days",
      String(days),
      "-extfile",
      file("extensions", extensions.join("\n")),
    ];
    const certificate = openssl("x509", "-req", ...asked, ...by);
    return { certificate, key };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export interface Chain {
  readonly root: Issued;
  readonly intermediate: Issued;
  readonly server: Issued;
  /** Server, intermediate, root. */
  readonly chain: string;
}

/** A self-signed authority, an intermediate one, and a server certificate of the latter for `names`. */
export function issueChain(names: readonly string[]): Chain {
  const root = issue({ commonName: "Test Root", ca: true, days: 3650 });
  const intermediate = issue({ commonName: "Test Intermediate", ca: true, issuer: root, days: 1000 });
  const server = issue({ commonName: "Test Server", issuer: intermediate, names });
  return {
    root,
    intermediate,
    server,
    chain: server.certificate + intermediate.certificate + root.certificate,
  };
}
