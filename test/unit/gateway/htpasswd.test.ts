import { compareSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import { bcrypt, renderHtpasswd, saltedSha1 } from "../../../components/gateway/htpasswd";

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

it("renders a line a user, in the order given", () => {
  expect(
    renderHtpasswd([
      { name: "b", hash: "{SSHA}x" },
      { name: "a", hash: "$2y$10$y" },
    ]),
  ).toBe("b:{SSHA}x\na:$2y$10$y\n");
});
