import { createPrivateKey, type KeyObject } from "node:crypto";
import { sshpk } from "../lazily";
import type { ProviderFunction } from "../provider";
import { shapeFaults } from "../shape";
import { within } from "./failure";
import { algorithmOf, parsePrivateKey, type ParsedKey } from "./private-key-pem";
import { publicKeyTexts } from "./public-key";

/** `tls:index/getPublicKey:getPublicKey`: the public half of a private key, in PEM or OpenSSH's form. */
export const getPublicKey: ProviderFunction = (args) => {
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
  const failures = shapeFaults(
    { privateKeyPem: { kind: "text" }, privateKeyOpenssh: { kind: "text" } },
    given,
  );
  const { privateKeyPem: pem, privateKeyOpenssh: ssh } = given;
  if (failures.length === 0 && (pem === undefined) === (ssh === undefined)) {
    failures.push({
      property: "privateKeyPem",
      reason: "or privateKeyOpenssh must be given, and only one of them",
    });
  }
  if (failures.length > 0) return Promise.resolve({ result: {}, failures });
  const { key, algorithm } = within("Unable to parse private key", () =>
    typeof pem === "string" ? parsePrivateKey(pem) : parseOpenSsh(ssh as string),
  );
  return Promise.resolve({ result: { ...given, algorithm, ...publicKeyTexts(key) } });
};

function parseOpenSsh(text: string): ParsedKey {
  const failure = "failed to parse openssh private key";
  try {
    const key = sshKey(text);
    const algorithm = algorithmOf(key);
    if (algorithm !== undefined) return { key, algorithm };
  } catch {
    // Nothing of what the parser says may get into the message: it can hold a part of the key.
  }
  throw new Error(failure);
}

function sshKey(text: string): KeyObject {
  const key = sshpk().parsePrivateKey(text, "auto");
  if (key.type !== "ed25519") return createPrivateKey(key.toString("pkcs8"));
  // OpenSSL 3.0 cannot read the version of PKCS #8 that sshpk writes for Ed25519.
  const base64 = (name: string): string =>
    key.parts.find((part) => part.name === name)?.data.toString("base64url") ?? "";
  return createPrivateKey({
    key: { kty: "OKP", crv: "Ed25519", d: base64("k"), x: base64("A") },
    format: "jwk",
  });
}
