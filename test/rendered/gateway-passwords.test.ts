import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RawConnection } from "../support/raw-http";
import { inVolume } from "../support/volume-files";
import { must } from "../support/run";
import { Stack } from "../support/stack";

const stack = new Stack("passwords");
const users = [
  { name: "ci", access: "push" },
  { name: "gone", access: "pull" },
  { name: "person", access: "pull", password: "chosen by a person" },
];
let ci: string;
let gone: string;

beforeAll(async () => {
  await stack.start({ users });
  [ci, gone] = [await stack.user("ci"), await stack.user("gone")];
});
afterAll(() => stack.remove());

const base64 = (text: string) => Buffer.from(text).toString("base64");
const statusOf = async (authorization: string, path = "/v2/") =>
  (await stack.client.request(path, { headers: { Authorization: authorization } })).status;

describe("a generated password", () => {
  it.each([
    ["as clients send it", () => `Basic ${base64(ci)}`],
    ["with the scheme in other letters", () => `bAsIc ${base64(ci)}`],
    ["with more blanks", () => `Basic   ${base64(ci)}`],
    ["without padding", () => `Basic ${base64(ci).replaceAll("=", "")}`],
  ])("is right %s", async (_, header) => {
    expect(await statusOf(header())).toBe(200);
  });

  it.each([
    ["with a letter more", () => `Basic ${base64(`${ci}x`)}`],
    ["with a letter less", () => `Basic ${base64(ci.slice(0, -1))}`],
    ["in other letters", () => `Basic ${base64(ci.toUpperCase())}`],
    ["of a user in other letters", () => `Basic ${base64(ci.replace("ci", "CI"))}`],
    ["of another user", () => `Basic ${base64(ci.replace("ci", "person"))}`],
    ["under another scheme", () => `Bearer ${base64(ci)}`],
    ["in clear", () => ci],
  ])("is wrong %s", async (_, header) => {
    expect(await statusOf(header())).toBe(401);
    expect(await statusOf(header(), "/metrics")).toBe(401);
  });

  it("is not had from what is stored: neither the verifier nor its parts are a password", async () => {
    const verifier = createHash("md5")
      .update(`Basic ${base64(ci)}`)
      .digest("base64url");
    for (const text of [verifier, `${verifier},9999999999`, ""]) {
      expect(await statusOf(`Basic ${base64(`ci:${text}`)}`)).toBe(401);
      expect(await statusOf(text)).toBe(401);
    }
  });

  it("lies with the other secrets: for nginx alone to read", async () => {
    const format = `{{range .Mounts}}{{if eq .Destination "/etc/gateway"}}{{.Name}}{{end}}{{end}}`;
    const volume = await must("docker", ["inspect", "--format", format, stack.gateway]);
    const list = "stat -c '%a %u' current/verifiers.map current/users.htpasswd; cat current/verifiers.map";
    const [verifiers, hashes, ...lines] = (await inVolume(volume, stack.images.gateway, list)).split("\n");
    expect([verifiers, hashes]).toEqual(["600 33", "600 33"]);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(['"ci"', '"gone"']);
  });

  it("of a user who is taken out is worth nothing after the reload, on an open connection, too", async () => {
    const open = new RawConnection(stack.client.options);
    const request = Buffer.from(
      `GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${base64(gone)}\r\n\r\n`,
    );
    expect((await open.send(request, "GET"))?.status).toBe(200);
    await stack.update({ users: users.filter(({ name }) => name !== "gone") });
    // nginx has closed it, or answers 401 on it: never 200.
    expect((await open.send(request, "GET"))?.status ?? 401).toBe(401);
    open.close();
    expect((await stack.client.request("/v2/", { user: gone })).status).toBe(401);
    expect((await stack.client.request("/v2/", { user: ci })).status).toBe(200);
  });

  it("needs nobody with a chosen one beside it", async () => {
    await stack.update({ users: users.filter(({ name }) => name === "ci") });
    expect((await stack.client.request("/v2/", { user: ci })).status).toBe(200);
    expect((await stack.client.request("/v2/", { user: "person:chosen by a person" })).status).toBe(401);
  });
});
