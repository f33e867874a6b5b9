import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/values/value";
import { ask, configured, context, make, openssl, pemOf, textOf, typeOf } from "./openssl";

const keys = [
  [{ algorithm: "RSA" }, /2048 bit/],
  [{ algorithm: "RSA", rsaBits: 3072 }, /3072 bit/],
  [{ algorithm: "ECDSA" }, /NIST CURVE: P-224/],
  [{ algorithm: "ECDSA", ecdsaCurve: "P256" }, /NIST CURVE: P-256/],
  [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, /NIST CURVE: P-384/],
  [{ algorithm: "ECDSA", ecdsaCurve: "P521" }, /NIST CURVE: P-521/],
  [{ algorithm: "ED25519" }, /ED25519 Private-Key/],
] as const;

describe.each(keys)("a key of %j", (inputs, kind) => {
  it("is what openssl reads in either form, with the public half that openssl derives", async () => {
    const key = await make("privateKey", inputs);
    for (const form of ["privateKeyPem", "privateKeyPemPkcs8"]) {
      expect(openssl("pkey", "-noout", "-text", "-in", pemOf(key, form))).toMatch(kind);
      expect(openssl("pkey", "-pubout", "-in", pemOf(key, form))).toBe(textOf(key, "publicKeyPem"));
    }
    // OpenSSH has no such curve: the plugin leaves its forms empty.
    if (kind.source.includes("P-224")) {
      expect(key).toMatchObject({ privateKeyOpenssh: "", publicKeyOpenssh: "" });
      return;
    }
    expect(
      ask("ssh-keygen", "-y", "-f", pemOf(key, "privateKeyOpenssh")).trim().split(" ").slice(0, 2),
    ).toEqual(textOf(key, "publicKeyOpenssh").trim().split(" "));
    expect(ask("ssh-keygen", "-l", "-f", pemOf(key, "publicKeyOpenssh"))).toContain(
      textOf(key, "publicKeyFingerprintSha256"),
    );
  });

  it("gives its public half back through getPublicKey", async () => {
    const key = await make("privateKey", inputs);
    const getPublicKey = configured.functions["tls:index/getPublicKey:getPublicKey"];
    const { result } = (await getPublicKey?.({ privateKeyPem: textOf(key, "privateKeyPem") }, context)) ?? {};
    expect(result).toMatchObject({
      algorithm: inputs.algorithm,
      publicKeyPem: textOf(key, "publicKeyPem"),
      publicKeyOpenssh: textOf(key, "publicKeyOpenssh"),
      id: key.id,
    });
  });
});

describe("keys", () => {
  it("are secret among the outputs", async () => {
    const { outputs } = await typeOf("privateKey").create({
      ...context,
      urn: "urn:pulumi:dev::test::tls:index/privateKey:PrivateKey::x",
      inputs: { algorithm: "ED25519" },
      preview: false,
    });
    for (const name of ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"])
      expect(outputs[name]).toBeInstanceOf(Secret);
  });

  it.each([
    [{ algorithm: "DSA" }, /algorithm.*takes RSA, ECDSA, ED25519; found \\"DSA\\"/],
    [{ algorithm: "ECDSA", ecdsaCurve: "P255" }, /ecdsaCurve.*takes P224, P256, P384, P521/],
    [{ algorithm: "RSA", rsaBits: 512 }, /512-bit keys are insecure/],
    [{ algorithm: "RSA", rsabits: 2048 }, /did you mean rsaBits/],
    [{}, /algorithm.*is missing/],
  ])("of %j are refused", async (inputs, message) => {
    await expect(make("privateKey", inputs)).rejects.toThrow(message);
  });
});

it("getPublicKey refuses what is no key, without a word of it, and takes one form only", async () => {
  const getPublicKey = configured.functions["tls:index/getPublicKey:getPublicKey"];
  const call = async (args: Record<string, string>) => getPublicKey?.(args, context);
  await expect(call({ privateKeyPem: "hunter2" })).rejects.toThrow(
    /^(?!.*hunter2).*Unable to parse private key/s,
  );
  expect((await call({}))?.failures).toHaveLength(1);
  expect((await call({ privateKeyPem: "a", privateKeyOpenssh: "b" }))?.failures).toHaveLength(1);
});
