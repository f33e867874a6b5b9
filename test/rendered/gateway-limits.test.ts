import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { trusted } from "../support/docker-trust";
import { RawConnection } from "../support/raw-http";
import { must, run } from "../support/run";
import { Stack } from "../support/stack";

const stack = new Stack("limits");
const users = [
  { name: "root", access: "admin" },
  { name: "reader", access: "pull" },
  { name: "chosen", access: "pull", password: "chosen by a person" },
];
let root: string;
let reader: string;
let direct: Direct;
let blob: string;

beforeAll(async () => {
  await stack.start({ users });
  [root, reader] = [await stack.user("root"), await stack.user("reader")];
  direct = new Direct(await stack.registryAddress());
  ({ blob } = await pushImage(direct, "team/app", "v1", Buffer.from("content")));
});
afterAll(() => stack.remove());

/** Statuses of so many requests at once, and how often each came. */
async function flood(times: number, user: string | undefined, path = "/v2/"): Promise<Map<number, number>> {
  const who = user === undefined ? {} : { user };
  const seen = new Map<number, number>();
  for (let sent = 0; sent < times; sent += 100) {
    const some = Math.min(100, times - sent);
    const answers = await Promise.all(
      Array.from({ length: some }, () => stack.client.request(path, who).then(({ status }) => status)),
    );
    for (const status of answers) seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  return seen;
}

/** As `flood`, for very many: one after the other through each of 16 connections. */
async function pour(times: number, headers = ""): Promise<Map<number, number>> {
  const request = Buffer.from(`GET /v2/ HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  const seen = new Map<number, number>();
  const ask = async () => {
    let connection = new RawConnection(stack.client.options);
    for (let sent = 0; sent < times / 16; sent++) {
      const status = (await connection.send(request, "GET"))?.status ?? 0;
      seen.set(status, (seen.get(status) ?? 0) + 1);
      // nginx ends a connection after a thousand.
      if (sent % 900 === 899) {
        connection.close();
        connection = new RawConnection(stack.client.options);
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 16 }, ask));
  return seen;
}

describe("who has logged in", () => {
  it("is not limited in requests a second", async () => {
    expect([...(await flood(600, reader, `/v2/team/app/blobs/${blob}`))]).toEqual([[200, 600]]);
  });

  it("or has not, neither: an office behind one address asks that often", async () => {
    expect([...(await pour(4000))]).toEqual([[401, 4000]]);
  });

  it("nor by the ports of the gateway, of which each request to the registry takes one", async () => {
    // Of the ports that Linux has for this by default, 28,231 can be had a minute.
    const authorization = `Authorization: Basic ${Buffer.from(reader).toString("base64")}\r\n`;
    expect([...(await pour(32_000, authorization))]).toEqual([[200, 32_000]]);
  });

  it("pulls an image of 40 layers with docker without meeting a limit", async () => {
    const { ip, port } = stack.client.options;
    const address = `${ip}:${port}`;
    const folder = stack.sandbox.folder();
    const image = `${address}/team/layers:${stack.sandbox.name}`;
    try {
      await trusted(address, stack.chain.root.certificate, async () => {
        const lines = Array.from({ length: 40 }, (_, index) => `COPY ${index} /${index}`);
        await must(
          "sh",
          [
            "-c",
            `cd "$1" && for i in $(seq 0 39); do echo "$i $2" >$i; done; cat >Dockerfile`,
            "sh",
            folder,
            stack.sandbox.name,
          ],
          { input: ["FROM scratch", ...lines].join("\n") },
        );
        await must("docker", ["build", "--quiet", "--tag", image, folder]);
        const login = (who: string) =>
          run(
            "docker",
            ["--config", folder, "login", "--username", who.replace(/:.*/, ""), "--password-stdin", address],
            { input: who.replace(/^[^:]*:/, "") },
          );
        expect((await login(root)).code).toBe(0);
        await must("docker", ["--config", folder, "push", "--quiet", image]);
        await must("docker", ["rmi", image]);
        // Also for whom a person's password is checked slowly.
        for (const who of [reader, "chosen:chosen by a person"]) {
          expect((await login(who)).code).toBe(0);
          await must("docker", ["--config", folder, "pull", "--quiet", image]);
          await must("docker", ["rmi", image]);
        }
      });
    } finally {
      await run("docker", ["rmi", image]);
    }
    // The log is at most a second late.
    await sleep(1500);
    const { access } = await stack.logs();
    const pulled = access.filter(({ repository }) => repository === "team/layers");
    expect(pulled.filter(({ status }) => status === 429)).toEqual([]);
    const blobs = pulled.filter(
      ({ method, path, status }) =>
        method === "GET" && String(path).includes("/blobs/sha256:") && status === 200,
    );
    expect(blobs.length).toBeGreaterThanOrEqual(80);
    expect(new Set(blobs.map(({ way }) => way))).toEqual(new Set(["disk"]));
  });
});

describe("metrics", () => {
  const scrape = async () => (await stack.client.request("/metrics", { user: root })).text;
  const value = (text: string, name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);

  it("are Prometheus text, of nginx and of the registry, and count", async () => {
    const before = await scrape();
    await flood(50, reader);
    await sleep(50);
    const after = await scrape();
    expect(
      value(after, "gateway_requests_total") - value(before, "gateway_requests_total"),
    ).toBeGreaterThanOrEqual(51);
    expect(value(after, "gateway_connections_total")).toBeGreaterThan(
      value(before, "gateway_connections_total"),
    );
    expect(value(after, "gateway_connections_active")).toBeGreaterThanOrEqual(1);
    expect(after).toMatch(/^registry_storage_cache_requests_total /m);
    // Every line is a comment or a sample.
    expect(
      after
        .split("\n")
        .filter((line) => !/^$|^# (?:HELP|TYPE) |^[a-z_]+(?:\{[^}]*\})? [-+.\deNaInf]+$/.test(line)),
    ).toEqual([]);
  });

  it("are for administrators", async () => {
    expect((await stack.client.request("/metrics")).status).toBe(401);
    expect((await stack.client.request("/metrics", { user: reader })).status).toBe(403);
    for (const path of ["/metrics/nginx", "/metrics/registry", "/metrics.txt"])
      expect((await stack.client.request(path, { user: root })).status).toBe(404);
  });

  it("are there without the registry, too", async () => {
    await must("docker", ["stop", "--time", "1", stack.registry]);
    const text = await scrape();
    expect(text).toMatch(/^gateway_blobs_from_disk 1$/m);
    expect(text).not.toMatch(/^registry_/m);
    // And so is what is on disk.
    expect((await stack.client.request(`/v2/team/app/blobs/${blob}`, { user: reader })).text).toBe("content");
  });
});
