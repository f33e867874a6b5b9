import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { SecretFilter } from "../../src/deployment/secret-filter";

it("takes secrets out of a text, a longer one whole, and lines of one with several", () => {
  const filter = new SecretFilter();
  filter.learnText("pass");
  filter.learnText("password-1");
  filter.learnText("-----BEGIN KEY-----\nfirst line of it\nsecond line of it\n-----END KEY-----");
  expect(filter.blind("password-1, pass, (first line of it)")).toBe("[secret], [secret], ([secret])");
  expect(filter.blind("nothing here")).toBe("nothing here");
});

it("copes with more and larger secrets than one pattern could hold", () => {
  const filter = new SecretFilter();
  const secrets = Array.from({ length: 300 }, () => randomBytes(60_000).toString("base64"));
  for (const secret of secrets) filter.learnText(secret);
  expect(filter.blind(`before ${secrets[17] ?? ""} after`)).toBe("before [secret] after");
  expect(filter.blind("a line of a log")).toBe("a line of a log");
});
