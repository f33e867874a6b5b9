import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import bcrypt from "bcryptjs";
import { Folder, run } from "../unit/scripts/run";
import { provide, type Containers } from "./containers";

export const USER = "ann";
export const PASSWORD = "correct horse";

/** A plain registry with TLS and one user of its own: what our clients' tools are tried on. */
export interface TlsRegistry {
  readonly container: string;
  readonly port: number;
  /** PEM of the CA that signed its certificate. */
  readonly ca: string;
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
}

/** A CA in a folder of its own; resolves with its PEM. */
export function authority(folder: Folder, name: string): string {
  mkdirSync(join(folder.path, name));
  const subject = ["-subj", `/CN=${name}`, "-keyout", "ca.key", "-out", "ca.pem"];
  openssl(
    join(folder.path, name),
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    ...subject,
  );
  return readFileSync(join(folder.path, name, "ca.pem"), "utf8");
}

/** Starts one for `hostname`, with a CA named `name`, in a folder below `folder`. */
export async function tlsRegistry(
  containers: Containers,
  folder: Folder,
  name: string,
  hostname: string,
  options: { readonly deletes?: boolean } = {},
): Promise<TlsRegistry> {
  const ca = authority(folder, name);
  const path = join(folder.path, name);
  const san = folder.file(`${name}/san`, `subjectAltName=DNS:${hostname}`);
  openssl(
    path,
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${hostname}`,
    "-keyout",
    "key.pem",
    "-out",
    "csr",
  );
  openssl(
    path,
    "x509",
    "-req",
    "-in",
    "csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    san,
    "-out",
    "cert.pem",
  );
  folder.file(`${name}/htpasswd`, `${USER}:${bcrypt.hashSync(PASSWORD, 4)}\n`);
  const config = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: "/tmp/data" }, delete: { enabled: options.deletes ?? true } },
    http: { addr: ":5000", secret: "s", tls: { certificate: "/c/cert.pem", key: "/c/key.pem" } },
    auth: { htpasswd: { realm: "test", path: "/c/htpasswd" } },
  };
  folder.file(`${name}/config.yml`, JSON.stringify(config));
  chmodSync(folder.path, 0o755);
  const settings = ["--publish=127.0.0.1::5000", `--volume=${path}:/c:ro`, "--entrypoint=/bin/registry"];
  const container = await containers.start(settings, await provide("registry"), ["serve", "/c/config.yml"]);
  const port = await containers.port(container, 5000);
  await answers(`https://127.0.0.1:${String(port)}/v2/`);
  return { container, port, ca };
}

/** Resolves when something speaks TLS there; whose it is, is for the tests to find out. */
async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await run("curl", ["--silent", "--insecure", url])).code === 0) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${url} does not answer`);
}
