import { describe, expect, it } from "vitest";

import { PassphraseSecrets } from "../../src/secrets/passphrase";

/** Made by the real CLI with the passphrase `golden`. */
const SALT = "v1:UtSYeVcoVZk=:v1:SSr8NQtU/T/o6E7X:juZeEP7EEbnA2Mx1I6oAxN7PC5rxtg==";
/** A state secret by the same: JSON text. */
const SECRET = "v1:6KUjjeHpynsmoY4t:OORRq9dGUW2rWWA5MGN8m96BvK3jhcbVGQs/JSucu56UI/9rrGgKhUGwYdvZ9S2TKso=";

const withPhrase = (phrase: string): PassphraseSecrets =>
  new PassphraseSecrets(() => Promise.resolve(phrase));

describe("the passphrase secrets manager", () => {
  it("reads what the real CLI has encrypted", async () => {
    const manager = await withPhrase("golden").open(SALT);
    expect(manager.decrypt(SECRET)).toMatch(/^"[A-Za-z0-9]{32}"$/);
  });

  it("refuses a wrong passphrase at once, in Pulumi's words", async () => {
    for (const phrase of ["Golden", "golden ", ""]) {
      await expect(withPhrase(phrase).open(SALT)).rejects.toThrow(/^incorrect passphrase$/);
    }
  });

  it("makes a salt of its own that only its passphrase opens, for any text", async () => {
    const texts = ["", "x", "é😀\u0000\n", "y".repeat(100_000)];
    const manager = await withPhrase("päss").create();
    const { salt } = manager;
    expect(salt).toMatch(/^v1:[A-Za-z0-9+/]{11}=:v1:[A-Za-z0-9+/=]{16}:[A-Za-z0-9+/=]+$/);
    const again = await withPhrase("päss").open(salt);
    expect(texts.map((text) => again.decrypt(manager.encrypt(text)))).toEqual(texts);
    expect(manager.encrypt("x")).not.toBe(manager.encrypt("x"));
    await expect(withPhrase("pass").open(salt)).rejects.toThrow("incorrect passphrase");
  });

  it("asks for the passphrase once and derives each key once", async () => {
    let asked = 0;
    const secrets = new PassphraseSecrets(() => {
      asked += 1;
      return Promise.resolve("golden");
    });
    const [first, second] = await Promise.all([secrets.open(SALT), secrets.open(SALT)]);
    await secrets.create();
    expect(first).toBe(second);
    expect(asked).toBe(1);
  });

  it("notices a ciphertext that has been changed or cut", async () => {
    const manager = await withPhrase("golden").open(SALT);
    const [, nonce = "", sealed = ""] = SECRET.split(":");
    const flipped = Buffer.from(sealed, "base64");
    flipped.writeUInt8(flipped.readUInt8(0) ^ 1, 0);
    for (const text of [`v1:${nonce}:${flipped.toString("base64")}`, `v1:${nonce}:${sealed.slice(0, 40)}`]) {
      expect(() => manager.decrypt(text)).toThrow(/failed to decrypt/);
    }
    expect(() => manager.decrypt(`v1:${nonce}:AAAA`)).toThrow(/cut short/);
    expect(() => manager.decrypt("plain")).toThrow(/v1:NONCE:CIPHERTEXT/);
    expect(() => manager.decrypt(SECRET.replace("v1", "v2"))).toThrow(/version "v2"/);
  });

  it.each([
    ["v2:UtSYeVcoVZk=:v1:a:b", /unknown version "v2"/],
    ["nonsense", /malformed encryptionsalt/],
    ["v1:UtSYeVcoVZk=", /malformed encryptionsalt/],
    ["v1:UtSYeVcoVZk=:nonsense", /incorrect passphrase/],
  ])("refuses the salt %s", async (salt, message) => {
    await expect(withPhrase("golden").open(salt)).rejects.toThrow(message);
  });
});
