import { createHash } from "node:crypto";
import { encodeBase64, hashSync } from "bcryptjs";
import { mapKey } from "./rights";

/**
 * bcrypt's cost for a password that a person chose. nginx checks one on its event loop, with each request, and all who
 * are on that loop wait: 13 ms each (cost 10: 50). Who steals the file guesses four times as fast as at cost 10, which one
 * more character makes up for; too short and too simple ones are refused where the settings are read.
 */
const BCRYPT_COST = 8;

export interface UserHash {
  readonly name: string;
  readonly hash: string;
  /** Of a generated password only. */
  readonly verifier?: string | undefined;
}

/**
 * `{SSHA}`: for generated passwords of at least 128 bits only. Nobody guesses those, however fast the hash, and
 * nginx checks one in a microsecond. SHA-1's weakness, collisions, does not matter here: only a preimage would.
 *
 * @param salt 16 bytes, base64.
 */
export function saltedSha1(password: string, salt: string): string {
  const bytes = Buffer.from(salt, "base64");
  const sum = createHash("sha1").update(password).update(bytes).digest();
  return `{SSHA}${Buffer.concat([sum, bytes]).toString("base64")}`;
}

/**
 * MD5 of the whole `Authorization` header, in base64url: the one thing that nginx can compare without opening a file. For
 * generated passwords of at least 128 bits only, like `{SSHA}`, and for the same reason: who has the file would have to
 * find a preimage. The name in the header is its salt.
 *
 * Source: https://nginx.org/en/docs/http/ngx_http_secure_link_module.html
 */
export function verifierOf(name: string, password: string): string {
  const header = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  return createHash("md5").update(header).digest("base64url");
}

/**
 * bcrypt: for a password that a person chose.
 *
 * @param salt 16 bytes, base64; kept in the state, or every preview would show another hash.
 */
export function bcrypt(password: string, salt: string): string {
  return hashSync(
    password,
    `$2y$${String(BCRYPT_COST).padStart(2, "0")}$${encodeBase64(Buffer.from(salt, "base64"), 16)}`,
  );
}

/** `verifiers.map`: a line a user with a generated password. */
export function renderVerifiers(users: readonly UserHash[]): string {
  return users
    .filter(({ verifier }) => verifier !== undefined)
    .map(({ name, verifier }) => `${mapKey(name)} "${verifier ?? ""}";\n`)
    .join("");
}

/** The users file of nginx: a line a user, in the order given. */
export function renderHtpasswd(users: readonly UserHash[]): string {
  return users.map(({ name, hash }) => `${name}:${hash}\n`).join("");
}
