import { compareSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import {
  bcrypt,
  renderHtpasswd,
  renderVerifiers,
  saltedSha1,
  verifierOf,
} from "../../../components/gateway/htpasswd";

const salt = Buffer.from("0123456789abcdef").toString("base64");

describe("{SSHA}", () => {
  it.each([
    // By openssl: { printf secret; printf SALT; } | openssl dgst -sha1 -binary, then the salt, all in base64.
    ["secret", salt, "{SSHA}FTtLy4UHGF6CE6rK0obse+lIYuYwMTIzNDU2Nzg5YWJjZGVm"],
    ["pass", Buffer.from("test").toString("base64"), "{SSHA}p9OpKe2arMZdc6P0BqR2TDvRHdp0ZXN0"],
  ])("of %j", (password, saltText, expected) => {
    expect(saltedSha1(password, saltText)).toBe(expected);
  });

  it("is stable, and another with another salt", () => {
    expect(saltedSha1("secret", salt)).toBe(saltedSha1("secret", salt));
    expect(saltedSha1("secret", salt)).not.toBe(saltedSha1("secret", Buffer.from("x").toString("base64")));
  });
});

describe("bcrypt", () => {
  it("of cost 8, in the form crypt(3) reads, and right for its password alone", () => {
    const hash = bcrypt("correct horse battery", salt);
    // By libxcrypt, which nginx asks: crypt("correct horse battery", "$2y$08$KBCwKxOzLha2MUDgW0PjXe").
    expect(hash).toBe("$2y$08$KBCwKxOzLha2MUDgW0PjXeZNfHayk4Htq4uO3zsAWK58K.XUH6.k.");
    expect(compareSync("correct horse battery", hash)).toBe(true);
    expect(compareSync("correct horse batterz", hash)).toBe(false);
    expect(bcrypt("correct horse battery", salt)).toBe(hash);
  });
});

describe("a verifier", () => {
  it("is what nginx compares: MD5 of the header, in base64url", () => {
    // printf 'Basic %s' "$(printf ci:secret | base64)" | openssl md5 -binary | base64 | tr +/ -_ | tr -d =
    expect(verifierOf("ci", "secret")).toBe("1N51XTzfHlP_IapR-p6tvw");
    expect(verifierOf("other", "secret")).not.toBe(verifierOf("ci", "secret"));
  });

  it("is written for those only who have one, and a name like a keyword is still a name", () => {
    expect(
      renderVerifiers([
        { name: "ci", hash: "{SSHA}x", verifier: "v1" },
        { name: "person", hash: "$2y$08$y" },
        { name: "default", hash: "{SSHA}z", verifier: "v2" },
      ]),
    ).toBe('"ci" "v1";\n"\\default" "v2";\n');
  });
});

it("renders a line a user, in the order given", () => {
  expect(
    renderHtpasswd([
      { name: "b", hash: "{SSHA}x" },
      { name: "a", hash: "$2y$10$y" },
    ]),
  ).toBe("b:{SSHA}x\na:$2y$10$y\n");
});
