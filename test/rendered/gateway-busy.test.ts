import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import type { Answer, Client } from "../support/client";
import { pushBlob } from "../support/content";
import { Direct } from "../support/direct";
import { RawConnection } from "../support/raw-http";
import { must, until } from "../support/run";
import { freePort } from "../support/sandbox";
import { Stack } from "../support/stack";
import { inVolume } from "../support/volume-files";

const stack = new Stack("busy");
const users = [{ name: "ci", access: "push" }];
/** More than fits between a sender and a reader that has stopped. */
const big = randomBytes(64_000_000);
let user: string;
let direct: Direct;
let blob: string;
let path: string;

beforeAll(async () => {
  const ip = await bridgeAddress("unix:///var/run/docker.sock");
  await stack.start({ users, anonymousPullPort: await freePort(ip) });
  user = await stack.user("ci");
  direct = new Direct(await stack.registryAddress());
  blob = await pushBlob(direct, "team/app", big);
  path = `/v2/team/app/blobs/${blob}`;
});
afterAll(() => stack.remove());

const waiting: IncomingMessage[] = [];
afterEach(() => {
  for (const response of waiting.splice(0)) response.destroy();
});

/** So many answers that have begun and are not read. */
async function unread(times: number, client: Client, target: string, who?: string): Promise<void> {
  for (let opened = 0; opened < times; opened += 20) {
    const some = Array.from({ length: Math.min(20, times - opened) }, async () => {
      const response = await client.open(target, who === undefined ? {} : { user: who });
      response.on("error", () => undefined);
      waiting.push(response);
      return response.statusCode;
    });
    for (const status of await Promise.all(some)) if (status !== 200) throw new Error(`status ${status}`);
  }
}

function expectTooMany(answer: Answer): void {
  const message = "too many requests from this address; try again in a few seconds";
  expect(answer.status).toBe(429);
  expect(answer.json()).toEqual({ errors: [{ code: "TOOMANYREQUESTS", message, detail: {} }] });
  expect(answer.header("retry-after")).toEqual(["5"]);
  expect(answer.header("content-type")).toEqual(["application/json"]);
  expect(answer.header("docker-distribution-api-version")).toEqual(["registry/2.0"]);
}

describe("too much at once from one address", () => {
  it("is refused at the second address past 200, as the API has it, and not at the first", async () => {
    await unread(200, stack.anonymous, path);
    expectTooMany(await stack.anonymous.request("/v2/"));
    expect((await stack.client.request(path, { user })).body.equals(big)).toBe(true);
    waiting.pop()?.destroy();
    await until("there is room for one", async () => (await stack.anonymous.request("/v2/")).status === 200);
  });

  it("is refused past 500 through the registry; what nginx sends by itself still comes", async () => {
    const begun = await stack.client.request("/v2/team/app/blobs/uploads/", { method: "POST", user });
    const upload = (begun.header("location")[0] ?? "").replace(/^https:\/\/[^/]+/, "");
    const headers = { "Content-Type": "application/octet-stream" };
    const bodies = Array.from({ length: 500 }, () => new Readable({ read: () => undefined }));
    try {
      for (const body of bodies) {
        // Without a byte, the head would not be sent.
        body.push("x");
        stack.client.open(upload, { method: "PATCH", user, headers, body }).then(
          (response) => response.resume(),
          () => undefined,
        );
      }
      let refused: Answer | undefined;
      await until("there is no room", async () => {
        refused = await stack.client.request("/v2/", { user });
        return refused.status !== 200;
      });
      if (refused !== undefined) expectTooMany(refused);
      expect((await stack.client.request(path, { user })).body.equals(big)).toBe(true);
      bodies.pop()?.push(null);
      await until(
        "there is room for one",
        async () => (await stack.client.request("/v2/", { user })).status === 200,
      );
    } finally {
      for (const body of bodies) body.push(null);
    }
  });
});

/** Process ids of nginx's workers, as this machine has them. */
async function workers(): Promise<string[]> {
  const list = await must("docker", ["top", stack.gateway, "-o", "pid,args"]);
  return [...list.matchAll(/^(\d+) +nginx: worker process$/gm)].map(([, pid]) => pid ?? "");
}

describe("a file that nginx may not have, or cannot read", () => {
  it("because it has no descriptor left: an error as the API has it, and all is well once it has", async () => {
    const authorization = `Authorization: Basic ${Buffer.from(user).toString("base64")}`;
    const get = (over: RawConnection, target: string) =>
      over.send(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`), "GET");
    const other = await pushBlob(direct, "team/app", randomBytes(1000));
    // Open before: a new connection would take a descriptor, and after such an error nginx closes it.
    const asked = [`/v2/team/app/blobs/${other}`, "/v2/team/app/tags/list"].map((target) => ({
      target,
      over: new RawConnection(stack.client.options),
    }));
    for (const { over } of asked) expect((await get(over, "/v2/"))?.status).toBe(200);
    const limit = async (files: string) => {
      for (const pid of await workers())
        await must("setpriv", [
          ...["--reuid", "33", "--regid", "33", "--clear-groups"],
          ...["prlimit", "--pid", pid, `--nofile=${files}:16384`],
        ]);
    };
    try {
      await limit("3");
      for (const { over, target } of asked) {
        const answer = await get(over, target);
        expect(answer?.status, target).toBe(500);
        expect(answer?.head).toMatch(/^content-type: application\/json\r?$/im);
        expect(JSON.parse(answer?.body.toString() ?? "")).toMatchObject({ errors: [{ code: "UNKNOWN" }] });
      }
    } finally {
      await limit("16384");
    }
    for (const { over } of asked) over.close();
    const again = await stack.client.request(`/v2/team/app/blobs/${other}`, { user });
    expect(again.body).toHaveLength(1000);
  });

  it("because the disk fails: cut, never taken for the whole", async () => {
    const broken = await pushBlob(direct, "team/app", randomBytes(4096));
    const hex = broken.slice(7);
    const data = `${stack.data}/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
    fs.rmSync(data);
    // A file of 4096 bytes that can be opened, and each read of which fails.
    fs.symlinkSync("/sys/class/net/lo/duplex", data);
    await expect(stack.client.request(`/v2/team/app/blobs/${broken}`, { user })).rejects.toThrow();
    expect((await stack.logs()).error.join("\n")).toMatch(
      /read\(\) ".*data" failed \(22: Invalid argument\)/,
    );
  });
});

describe("a reader", () => {
  it("that takes nothing is dropped, and its connection is free; one that is slow is not", async () => {
    // The same directive, with less than its two minutes.
    const format = `{{range .Mounts}}{{if eq .Destination "/etc/gateway"}}{{.Name}}{{end}}{{end}}`;
    const volume = await must("docker", ["inspect", "--format", format, stack.gateway]);
    const shorten = "sed -i 's/send_timeout 120s;/send_timeout 2s;/' current/nginx.conf";
    await inVolume(
      volume,
      stack.images.gateway,
      `${shorten} && grep -c 'send_timeout 2s;' current/nginx.conf`,
    );
    const before = await workers();
    await must("docker", ["kill", "--signal", "HUP", stack.gateway]);
    await until("only new workers are there", async () => {
      const now = await workers();
      const all = await must("docker", ["top", stack.gateway]);
      return now.length > 0 && !now.some((pid) => before.includes(pid)) && !all.includes("shutting down");
    });

    const agent = "takes nothing";
    const stalled = await stack.client.open(path, { user, headers: { "User-Agent": agent } });
    stalled.on("error", () => undefined);
    const slow = await stack.client.open(path, { user });
    const taken: Buffer[] = [];
    let bytes = 0;
    const began = Date.now();
    for await (const chunk of slow) {
      taken.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      // All of it takes three times as long as one write may.
      await sleep(Math.max(0, began + (bytes / big.length) * 6000 - Date.now()));
    }
    expect(Buffer.concat(taken).equals(big)).toBe(true);

    let line: Record<string, unknown> | undefined;
    await until("it is dropped", async () => {
      line = (await stack.logs()).access.find((entry) => entry["agent"] === agent);
      return line !== undefined;
    });
    expect(line?.["sent"]).toBeLessThan(big.length);
    await expect(stalled.toArray()).rejects.toThrow("aborted");
  });
});
