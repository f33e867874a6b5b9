import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { backendFolder } from "../../src/state/backend-url";
import { FileBackend } from "../../src/state/file-backend";
import { breakLocks, lockStack } from "../../src/state/lock";
import { messageOf } from "../../src/values/fault";
import { name, newBackend, sharedManager, thing, type Fixture } from "./fixture";

describe("a backend URL", () => {
  it.each([
    ["file:///a/b", "/a/b"],
    ["file:///a/b/../c/", "/a/c"],
    ["file://.", "/work"],
    ["file://./.state", "/work/.state"],
    ["file://state", "/work/state"],
    ["file://", "/work"],
    ["file://~", os.homedir()],
    ["file://~/states", path.join(os.homedir(), "states")],
    ["file:///a?no_tmp_dir=true", "/a"],
  ])("%s is %s", (url, folder) => {
    expect(backendFolder(url, "test", "/work")).toBe(folder);
  });

  it.each(["https://api.pulumi.com", "s3://bucket", "/a/b", "file:/a"])(
    "%s is refused, with its source",
    (url) => {
      expect(() => backendFolder(url, "PULUMI_BACKEND_URL", "/")).toThrow(`"${url}" (PULUMI_BACKEND_URL)`);
    },
  );
});

describe("a backend", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "backend-"));
  });

  it("is made in an empty folder, in today's layout", async () => {
    await FileBackend.open(folder);
    expect(await readFile(path.join(folder, ".pulumi/meta.yaml"), "utf8")).toBe("version: 1\n");
  });

  it.each([
    ["version: 2\n", /version 2 .* takes: 1/],
    ["{}\n", /missing version/],
    ["", /missing version/],
  ])("with meta.yaml %j is refused", async (meta, message) => {
    await mkdir(path.join(folder, ".pulumi"));
    await writeFile(path.join(folder, ".pulumi/meta.yaml"), meta);
    await expect(FileBackend.open(folder)).rejects.toThrow(message);
  });

  it("of the layout without projects is refused, and not touched", async () => {
    await mkdir(path.join(folder, ".pulumi/stacks"), { recursive: true });
    await writeFile(path.join(folder, ".pulumi/stacks/dev.json"), "{}");
    await expect(FileBackend.open(folder)).rejects.toThrow(/pulumi state upgrade/);
    expect(await readdir(path.join(folder, ".pulumi"))).toEqual(["stacks"]);
  });

  it("that is missing, or a file, is refused", async () => {
    await expect(FileBackend.open(path.join(folder, "none"))).rejects.toThrow(
      /does not exist; create it with: mkdir -p/,
    );
    await writeFile(path.join(folder, "file"), "");
    await expect(FileBackend.open(path.join(folder, "file"))).rejects.toThrow(/it is a file/);
  });

  it("refuses a compressed state by name", async () => {
    const { backend } = await newBackend(folder);
    await writeFile(`${backend.paths(name).state}.gz`, "");
    await expect(backend.exists(name)).rejects.toThrow(/dev\.json\.gz: a compressed state/);
  });

  it("lists, makes once, and removes stacks; the last state stays as .bak", async () => {
    const fixture = await newBackend(folder);
    const { backend } = fixture;
    await expect(backend.create(name, await sharedManager())).rejects.toThrow(
      /'organization\/shop\/dev' already exists/,
    );
    await backend.create({ project: "other", stack: "x" }, await sharedManager());
    expect(await backend.list()).toEqual([{ project: "other", stack: "x" }, name]);
    expect(await backend.list("shop")).toEqual([name]);
    await fixture.store().save({ resources: [thing("a")], pendingOperations: [] });
    const last = await readFile(backend.paths(name).state, "utf8");
    await backend.remove(name);
    expect(await backend.exists(name)).toBe(false);
    expect(await readFile(backend.paths(name).previous, "utf8")).toBe(last);
  });
});

describe("the lock of a stack", () => {
  let fixture: Fixture;
  let locks: string;
  beforeEach(async () => {
    fixture = await newBackend();
    ({ locks } = fixture.backend.paths(name));
  });

  it("is a file as the CLI writes it, and goes when released", async () => {
    const lock = await fixture.store().lock();
    const [file = ""] = await readdir(locks);
    expect(file).toMatch(/^[0-9a-f-]{36}\.json$/);
    expect(JSON.parse(await readFile(path.join(locks, file), "utf8"))).toEqual({
      pid: process.pid,
      username: os.userInfo().username,
      hostname: os.hostname(),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    await lock.release();
    expect(await readdir(locks)).toEqual([]);
  });

  it("keeps others out and names its holder", async () => {
    const lock = await fixture.store().lock();
    const message = await fixture
      .store()
      .lock()
      .then(() => "", messageOf);
    expect(message).toContain("the stack is currently locked by 1 lock(s)");
    expect(message).toContain(`created by ${os.userInfo().username}@${os.hostname()} (pid ${process.pid})`);
    expect(await readdir(locks)).toHaveLength(1);
    await lock.release();
    await (await fixture.store().lock()).release();
  });

  describe("of a process that has ended", () => {
    const holder = { username: "me", hostname: os.hostname(), timestamp: "2026-01-01T00:00:00Z" };
    const leave = async (file: string, content: object | string): Promise<void> => {
      await mkdir(locks, { recursive: true });
      await writeFile(
        path.join(locks, file),
        typeof content === "string" ? content : JSON.stringify(content),
      );
    };
    const lockAndListen = async (): Promise<string[]> => {
      const said: string[] = [];
      await (await lockStack(locks, (line) => said.push(line))).release();
      return said;
    };

    it("is taken away, and that is said", async () => {
      const child = spawn("true");
      await once(child, "exit");
      await leave("dead.json", { ...holder, pid: child.pid });
      expect(await lockAndListen()).toEqual([
        `removed the lock of a run that has ended (pid ${child.pid ?? 0}, ${holder.timestamp})`,
      ]);
      expect(await readdir(locks)).toEqual([]);
    });

    it.skipIf(!existsSync("/proc/stat"))(
      "is taken away where nobody waits for the process, as in a container without an init (skipped without /proc)",
      async () => {
        // A shell's child that has ended stays until its parent asks, and `sleep` never does.
        const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 60"]);
        try {
          const [pid] = (await once(parent.stdout, "data")) as [Buffer];
          await vi.waitFor(() => {
            expect(readFileSync(`/proc/${pid.toString().trim()}/stat`, "utf8")).toContain(") Z ");
          });
          const timestamp = new Date(Date.now() + 5000).toISOString();
          await leave("zombie.json", { ...holder, pid: Number(pid), timestamp });
          expect(await lockAndListen()).toHaveLength(1);
        } finally {
          parent.kill();
        }
      },
    );

    it.skipIf(!existsSync("/proc/stat"))(
      "is taken away where the number is another's by now (skipped without /proc)",
      async () => {
        const child = spawn("sleep", ["60"]);
        await once(child, "spawn");
        try {
          await leave("reused.json", { ...holder, pid: child.pid });
          expect(await lockAndListen()).toHaveLength(1);
          // The same process as the real holder: it was there before its lock.
          await leave("held.json", {
            ...holder,
            pid: child.pid,
            timestamp: new Date(Date.now() + 5000).toISOString(),
          });
          await expect(lockAndListen()).rejects.toThrow(/locked by 1 lock/);
          await rm(path.join(locks, "held.json"));
          // A run of Pulumi is never taken for another process: a clock may have been set.
          await leave("clock.json", { ...holder, pid: process.pid });
          await expect(lockAndListen()).rejects.toThrow(/locked by 1 lock/);
        } finally {
          child.kill();
        }
      },
    );

    it("stays where that cannot be known; `cancel`, by the caller's name for it, takes it away", async () => {
      await leave("far.json", { ...holder, pid: 1, hostname: "elsewhere" });
      await leave("cut.json", "{");
      await expect(fixture.store().lock()).rejects.toThrow(
        /2 lock\(s\).*`pulumi cancel --stack dev`[^]*cut\.json: cannot be read[^]*me@elsewhere/,
      );
      vi.stubEnv("PULUMI_COMMAND_NAME", "./pulumiw");
      await expect(fixture.store().lock()).rejects.toThrow("`./pulumiw cancel --stack dev`");
      vi.unstubAllEnvs();
      expect(await fixture.backend.cancel(name)).toBe(2);
      await (await fixture.store().lock()).release();
    });
  });

  it("clears away what a killed process has left half written", async () => {
    const { state } = fixture.backend.paths(name);
    await writeFile(`${state}.4711.tmp`, "{");
    await (await fixture.store().lock()).release();
    expect(await readdir(path.dirname(state))).toEqual(["dev.json"]);
  });

  it("is never held by two, however many come at once", async () => {
    for (let round = 0; round < 10; round++) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => lockStack(locks, () => undefined)),
      );
      const held = results.filter((result) => result.status === "fulfilled");
      expect(held.length).toBeLessThanOrEqual(1);
      expect(await readdir(locks)).toHaveLength(held.length);
      await breakLocks(locks);
    }
  });
});
