import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolved } from "../support/program";
import { must, until } from "../support/run";
import { Stack } from "../support/stack";

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
