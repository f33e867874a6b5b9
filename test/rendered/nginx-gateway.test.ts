import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolved } from "../support/program";
import { run, must, until } from "../support/run";
import { HOSTNAME, Stack } from "../support/stack";

const PASSWORD = `a "password" by hand: $(id) ü`;
const users = [
  { name: "ci", access: "push" },
  { name: "chosen@example.com", access: "push", password: PASSWORD },
];

const stack = new Stack("gateway");
let generated: string;
let byHand: string;

beforeAll(async () => {
  await stack.start({ users });
  const { outputs } = await stack.declare();
  const passwords = (await resolved(outputs["credentials"])).value as Record<string, string>;
  generated = `ci:${passwords["ci"] ?? ""}`;
  byHand = `chosen@example.com:${PASSWORD}`;
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

/** A monolithic-by-PATCH upload in chunks, as docker does it; resolves with the digest. */
async function push(repository: string, content: Buffer, user: string): Promise<string> {
  const base = `https://${stack.client.address}/v2/${repository}/blobs/`;
  const relative = (location: string[]) => {
    expect(location).toHaveLength(1);
    expect(location[0]).toMatch(new RegExp(`^${base.replaceAll(".", "\\.")}uploads/[0-9a-f-]+\\?_state=`));
    return (location[0] ?? "").slice(`https://${stack.client.address}`.length);
  };
  const begun = await stack.client.request(`/v2/${repository}/blobs/uploads/`, { method: "POST", user });
  expect(begun.status).toBe(202);
  const pieces = Array.from({ length: Math.ceil(content.length / 65536) }, (_, i) =>
    content.subarray(i * 65536, (i + 1) * 65536),
  );
  const patched = await stack.client.request(relative(begun.header("location")), {
    method: "PATCH",
    user,
    headers: { "Content-Type": "application/octet-stream" },
    body: Readable.from(pieces),
  });
  expect(patched.status, patched.text).toBe(202);
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  const done = await stack.client.request(`${relative(patched.header("location"))}&digest=${digest}`, {
    method: "PUT",
    user,
  });
  expect(done.status, done.text).toBe(201);
  expect(done.header("location")).toEqual([`${base}${digest}`]);
  return digest;
}

describe("layers", () => {
  it("of over 1 MiB in chunks, there and back, with Location headers that clients can follow", async () => {
    const layer = randomBytes(1024 * 1024 + 1);
    const digest = await push("team/app", layer, generated);
    const pulled = await stack.client.request(`/v2/team/app/blobs/${digest}`, { user: byHand });
    expect(pulled.status).toBe(200);
    expect(pulled.body.equals(layer)).toBe(true);
  });

  it("go where this gateway says, whatever a client or a proxy before it claims", async () => {
    for (const headers of [
      { Forwarded: "host=evil.example.com;proto=http" },
      { "X-Forwarded-Host": "evil.example.com" },
      { "X-Forwarded-Proto": "http" },
    ]) {
      const begun = await stack.client.request("/v2/team/app/blobs/uploads/", {
        method: "POST",
        user: generated,
        headers,
      });
      expect(begun.header("location").join()).toMatch(
        new RegExp(`^https://${stack.client.address}/v2/team/app/blobs/uploads/`),
      );
    }
  });

  it("of 200 MB leave nothing on the gateway's disk, on the way in or out", async () => {
    const layer = randomBytes(200_000_000);
    const largest = await watchDisk(async () => {
      const digest = await push("team/big", layer, generated);
      const pulled = await stack.client.request(`/v2/team/big/blobs/${digest}`, { user: generated });
      expect(pulled.body.equals(layer)).toBe(true);
    });
    expect(largest.samples).toBeGreaterThan(1);
    expect(largest.kilobytes).toBeLessThan(100);
    expect(await must("docker", ["diff", stack.gateway])).not.toMatch(/client-body|proxy/);
    const written = await must("docker", ["exec", stack.gateway, "cat", "/proc/self/mounts"]);
    expect(written).toMatch(/ \/ overlay ro,/);
  });
});

/** The most that stood in the only folder the gateway can write to, while `work` was going on. */
async function watchDisk(work: () => Promise<void>): Promise<{ kilobytes: number; samples: number }> {
  const largest = { kilobytes: 0, samples: 0 };
  const state = { working: true };
  const watching = (async () => {
    while (state.working) {
      const du = await must("docker", ["exec", stack.gateway, "du", "-sk", "/run/gateway"]);
      largest.kilobytes = Math.max(largest.kilobytes, Number.parseInt(du, 10));
      largest.samples++;
    }
  })();
  await work().finally(() => (state.working = false));
  await watching;
  return largest;
}

describe("logs", () => {
  it("are JSON, a line a request, without query string and password", async () => {
    await stack.client.request("/v2/team/log?account=x&_state=SECRETSTATE", {
      user: generated,
      headers: { "User-Agent": 'a"gent\n'.trim() },
    });
    await until("it is logged", async () =>
      (await stack.logs()).access.some(({ path }) => path === "/v2/team/log"),
    );
    const { access } = await stack.logs();
    expect(access.find(({ path }) => path === "/v2/team/log")).toMatchObject({
      user: "ci",
      method: "GET",
      status: 404,
      agent: 'a"gent',
    });
    const everything = JSON.stringify(access);
    expect(everything).not.toContain("SECRETSTATE");
    expect(everything).not.toContain("_state");
    expect(everything).not.toContain(generated.slice(3));
  });

  it("say who gave no password or a wrong one, and why; nothing of it is an error of nginx's", async () => {
    const before = (await stack.logs()).error.length;
    const agents = { none: undefined, mismatch: "ci:WRONGPASSWORD", unknown: "stranger:WRONGPASSWORD" };
    for (const [agent, user] of Object.entries(agents))
      await stack.client.request("/v2/", { ...(user && { user }), headers: { "User-Agent": agent } });
    const lines = async () =>
      (await stack.logs()).access
        .filter(({ agent }) => Object.keys(agents).includes(String(agent)))
        .map(({ status, user, why }) => [status, user, why]);
    await until("they are logged", async () => (await lines()).length === 3);
    expect(await lines()).toEqual([
      [401, "", "not logged in"],
      [401, "ci", "wrong user or password"],
      [401, "stranger", "wrong user or password"],
    ]);
    const { access, error } = await stack.logs();
    expect(error).toHaveLength(before);
    expect(JSON.stringify(access)).not.toContain("WRONGPASSWORD");
  });
});

describe("a registry that does not answer", () => {
  it("is said in JSON, and found again by itself at another address", async () => {
    const address = () => stack.ip(stack.registry);
    const before = await address();
    await must("docker", ["rm", "--force", stack.registry]);
    const gone = await stack.client.request("/v2/", { user: generated });
    expect(gone.status).toBe(503);
    expect(gone.json()).toMatchObject({ errors: [{ code: "UNAVAILABLE" }] });
    expect(gone.header("retry-after")).toEqual(["5"]);
    expect((await stack.client.request("/healthz")).status).toBe(200);
    expect((await stack.status("ready")).code).not.toBe(0);

    // Somebody else takes the old address.
    const squatter = [
      "run",
      "--detach",
      "--name",
      `${stack.sandbox.name}-squatter`,
      "--network",
      stack.sandbox.name,
      "--entrypoint",
      "sleep",
    ];
    await must("docker", [...squatter, stack.images.gateway, "600"]);
    await stack.startRegistry();
    expect(await address()).not.toBe(before);
    await until(
      "it is found",
      async () => (await stack.client.request("/v2/", { user: generated })).status === 200,
      5,
    );
    expect((await stack.status("ready")).code).toBe(0);
  });
});
