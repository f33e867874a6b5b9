import * as http from "node:http";
import * as net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RawConnection, type RawAnswer } from "../support/raw-http";
import { run, until } from "../support/run";
import { HOSTNAME, Stack } from "../support/stack";

const PASSWORD = `a "password" by hand: $(id) ü`;
const users = [
  { name: "ci", access: "push", repositories: ["team/*"] },
  { name: "chosen@example.com", access: "push", password: PASSWORD },
];

const stack = new Stack("door");
const byHand = `chosen@example.com:${PASSWORD}`;
let generated: string;

beforeAll(async () => {
  await stack.start({ users });
  generated = await stack.user("ci");
});
afterAll(() => stack.remove());

const UNAUTHORIZED = { errors: [{ code: "UNAUTHORIZED", message: "authentication required", detail: {} }] };

describe("who may come in", () => {
  it.each([
    ["nobody", undefined],
    ["an unknown user", "nobody:x"],
    ["a known user with another password", "ci:wrong"],
    ["a user with a password by hand, and another one", "chosen@example.com:wrong"],
    ["the hash itself", "ci:{SSHA}x"],
    ["no user name", ":x"],
  ])("not %s: 401 as the API has it, each header once", async (_, user) => {
    for (const path of [
      "/v2/",
      "/v2/_catalog",
      "/v2/a/b/manifests/latest",
      "/v2/../v2/",
      "//v2/",
      "/v2/%2e%2e/v2/x",
    ]) {
      const answer = await stack.client.request(path, user === undefined ? {} : { user });
      expect(answer.status, path).toBe(401);
      expect(answer.json()).toEqual(UNAUTHORIZED);
      expect(answer.header("www-authenticate")).toEqual(['Basic realm="Docker registry"']);
      expect(answer.header("docker-distribution-api-version")).toEqual(["registry/2.0"]);
      expect(answer.header("content-type")).toEqual(["application/json"]);
    }
  });

  it.each([
    ["generated, {SSHA}", () => generated],
    ["chosen, bcrypt", () => byHand],
  ])("whoever has the password (%s): 200, each header once", async (_, user) => {
    const answer = await stack.client.request("/v2/", { user: user() });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({});
    expect(answer.header("docker-distribution-api-version")).toEqual(["registry/2.0"]);
    expect(answer.header("www-authenticate")).toEqual([]);
    expect(answer.header("server")).toEqual(["nginx"]);
  });

  it("never hands the password on, nor lets a request without one through by a method", async () => {
    for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      expect((await stack.client.request("/v2/a/blobs/uploads/", { method })).status, method).toBe(401);
    }
  });
});

describe("what else is asked at the front door", () => {
  it("health, without a user, and nothing in the log", async () => {
    const answer = await stack.client.request("/healthz");
    expect([answer.status, answer.text]).toEqual([200, "ok\n"]);
    await stack.client.request("/v2/after/health");
    await until("what came after it is logged", async () =>
      (await stack.logs()).access.some(({ path }) => path === "/v2/after/health"),
    );
    expect((await stack.logs()).access.filter(({ path }) => path === "/healthz")).toEqual([]);
  });

  it.each(["/v1/", "/v1/_ping", "/v1/repositories/x/images"])("%s, by a client too old", async (path) => {
    const answer = await stack.client.request(path);
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({
      errors: [{ code: "UNSUPPORTED", message: expect.stringContaining("version 2") as string }],
    });
  });

  it("something else: where the API is", async () => {
    const answer = await stack.client.request("/");
    expect([answer.status, answer.text]).toEqual([
      404,
      `This is a Docker registry: its API is at https://${stack.client.address}/v2/\n`,
    ]);
  });

  it("/v2 without a slash: sent on, to the port clients use", async () => {
    const answer = await stack.client.request("/v2");
    expect([answer.status, ...answer.header("location")]).toEqual([301, "/v2/"]);
  });

  it("plain HTTP on the TLS port: told what to do", async () => {
    const { ip, port } = stack.client.options;
    const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      http
        .get({ host: ip, port, path: "/v2/", headers: { Host: stack.client.address } }, (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString()));
          response.on("end", () => resolve([response.statusCode, body]));
        })
        .on("error", reject);
    });
    expect([status, text]).toEqual([400, `This port speaks TLS: use https://${stack.client.address}/\n`]);
  });

  it("TLS 1.2 and 1.3, nothing older, and only to who trusts the authority", async () => {
    expect(await stack.client.protocol("TLSv1.2")).toBe("TLSv1.2");
    expect(await stack.client.protocol()).toBe("TLSv1.3");
    const { ip, port } = stack.client.options;
    const old = await run("openssl", [
      ...[
        "s_client",
        "-connect",
        `${ip}:${port}`,
        "-servername",
        HOSTNAME,
        "-tls1_1",
        "-cipher",
        "ALL:@SECLEVEL=0",
      ],
    ]);
    expect(old.output).toMatch(/alert protocol version/);
    expect(old.code).not.toBe(0);
  });
});

describe("requests that are odd", () => {
  const send = async (lines: string[], method = "GET"): Promise<RawAnswer> => {
    const connection = new RawConnection(stack.client.options);
    const authorization = `Authorization: Basic ${Buffer.from(generated).toString("base64")}`;
    const text = [...lines, authorization, "Connection: close", "", ""].join("\r\n");
    const answer = await connection.send(Buffer.from(text), method);
    connection.close();
    if (answer === undefined) throw new Error(`no answer to ${lines.join()}`);
    return answer;
  };
  const host = "Host: registry.example.com";

  it.each([
    ["a method nginx itself refuses", ["TRACE /v2/ HTTP/1.1", host], 405],
    ["a path that is too long", [`GET /v2/${"a".repeat(20_000)} HTTP/1.1`, host], 400],
    ["a header that is too long", ["GET /v2/ HTTP/1.1", host, `X: ${"x".repeat(20_000)}`], 400],
    ["no host", ["GET /v2/ HTTP/1.1"], 400],
    ["two hosts", ["GET /v2/ HTTP/1.1", host, "Host: evil"], 400],
    ["no HTTP", ["GET /v2/ HTTP/x"], 400],
    ["a path that leaves the root", ["GET /../x HTTP/1.1", host], 400],
    ["quotes in the path, denied", ['GET /"/../metrics HTTP/1.1', host], 403],
    ["quotes in the query, denied", ['PUT /v2/other/manifests/x?" HTTP/1.1', host], 403],
    ["a backslash in the path", ["GET /v2/\\ HTTP/1.1", host], 404],
  ])("%s: said in JSON", async (_, lines, status) => {
    const answer = await send(lines);
    expect([answer.status, /^content-type: (.*)$/im.exec(answer.head)?.[1]]).toEqual([
      status,
      "application/json",
    ]);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ errors: [{ detail: {} }] });
  });

  it("without a host, as HTTP/1.0 allows, are for this one", async () => {
    const answer = await send(["POST /v2/team/app/blobs/uploads/ HTTP/1.0", "Content-Length: 0"], "POST");
    expect(answer.status).toBe(202);
    expect(/^location: (.*)$/im.exec(answer.head)?.[1]).toMatch(
      new RegExp(`^https://${stack.client.address}/v2/team/app/blobs/uploads/`),
    );
  });

  it("do not fill the error log: broken ones, plain HTTP, names without an end", async () => {
    const { ip, port } = stack.client.options;
    const before = (await stack.logs()).error.length;
    for (const line of [
      "\x16\x03\x01",
      "GET / HTTP/9.9",
      "é / HTTP/1.1",
      `GET /v2/${"a".repeat(20_000)} HTTP/1.1`,
    ])
      await send([line, host]);
    const names = ["a/".repeat(7000), "a.".repeat(7000), "a-".repeat(7000), "a__".repeat(4600)];
    for (const name of names) {
      for (const path of [`${name}a/tags/list`, `x/blobs/${name}a:${"0".repeat(64)}`, `x/manifests/${name}a`])
        expect((await send([`GET /v2/${path} HTTP/1.1`, host])).status).toBe(404);
      expect((await send([`POST /v2/team/x/blobs/uploads/?from=${name}a HTTP/1.1`, host])).status).toBe(202);
    }
    await new Promise((resolve) => {
      const socket = net.connect(port, ip, () => socket.end("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"));
      socket.resume().once("close", resolve);
    });
    const { answer, line } = await stack.ask("/v2/after");
    expect([answer.status, line?.["way"]]).toEqual([401, "gateway"]);
    expect((await stack.logs()).error.slice(before)).toEqual([]);
  });
});
