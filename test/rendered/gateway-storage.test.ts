import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { until } from "../support/run";
import { Stack } from "../support/stack";

const stack = new Stack("storage");
const users = [{ name: "root", access: "admin" }];
const content = randomBytes(100_000);
let root: string;
let blob: string;
let fresh: string | undefined;

beforeAll(async () => {
  await stack.start({ users });
  root = await stack.user("root");
  fresh = await metric();
  const direct = new Direct(await stack.registryAddress());
  ({ blob } = await pushImage(direct, "team-a/app", "v1", content));
});
afterAll(() => stack.remove());

const ask = (path: string) => stack.ask(path, { user: root });

async function metric(): Promise<string | undefined> {
  const { text } = await stack.client.request("/metrics", { user: root });
  return /^gateway_blobs_from_disk (\d)$/m.exec(text)?.[1];
}

it("is no fault where nothing has been pushed yet", () => {
  expect(fresh).toBe("1");
});

describe("a storage that nginx cannot read", () => {
  it.each([
    ["", /link" failed \(13: Permission denied\)/],
    ["docker", /link" failed \(13: Permission denied\)/],
    ["docker/registry", /link" failed \(13: Permission denied\)/],
    ["docker/registry/v2", /link" failed \(13: Permission denied\)/],
    ["docker/registry/v2/repositories", /link" failed \(13: Permission denied\)/],
    ["docker/registry/v2/blobs", /data" failed \(13: Permission denied\)/],
  ])("(%j) costs speed and nothing else; log and metrics say so, at once", async (folder, error) => {
    const closed = `${stack.data}/${folder}`;
    expect(await metric()).toBe("1");
    fs.chmodSync(closed, 0o700);
    const before = (await stack.logs()).error.length;
    try {
      // What nginx has open it keeps for a second.
      await until("it is not from disk", async () => {
        const { answer, way, why } = await ask(`/v2/team-a/app/blobs/${blob}`);
        expect(answer.body.equals(content)).toBe(true);
        if (way === "registry") expect(why).toBe("storage cannot be read");
        return way === "registry";
      });
      expect(await metric()).toBe("0");
      expect((await stack.logs()).error.slice(before).join("\n")).toMatch(error);
    } finally {
      fs.chmodSync(closed, 0o755);
    }
    await until("it is from disk", async () => (await ask(`/v2/team-a/app/blobs/${blob}`)).way === "disk");
    expect(await metric()).toBe("1");
  });

  it("is known before, and then not tried: the log has the reason", async () => {
    stack.found = `closed\t700 ${stack.data}\n`;
    await stack.update({});
    const { answer, way, why } = await ask(`/v2/team-a/app/blobs/${blob}`);
    expect(answer.body.equals(content)).toBe(true);
    expect([way, why]).toEqual(["registry", "storage has mode 700"]);
    expect(await metric()).toBe("0");
    stack.found = "";
    await stack.update({});
    expect((await ask(`/v2/team-a/app/blobs/${blob}`)).way).toBe("disk");
  });
});
