import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import type { PendingOperation, ResourceState } from "../../src/state/resource";
import { Secret, ResourceReference, unknown, type PropertyMap } from "../../src/values/value";
import { name, newBackend, thing, urn, type Fixture } from "./fixture";

let fixture: Fixture;
const text = (): Promise<string> => readFile(fixture.backend.paths(name).state, "utf8");

beforeEach(async () => {
  fixture = await newBackend();
});

describe("the state of a stack", () => {
  it("is empty for a new stack", async () => {
    expect(await fixture.store().load()).toEqual({ resources: [], pendingOperations: [] });
  });

  it("comes back as it was saved: every field, every kind of value, what was under way", async () => {
    const outputs: PropertyMap = {
      text: 'quotes " \\ < > & \u2028 \u0000 é 😀',
      numbers: [0, -1, 1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, NaN, Infinity, -Infinity],
      nothing: null,
      empty: {},
      10: "ten",
      9: "nine",
      __proto: "a name like any other",
      nested: { list: [{ deep: new Secret({ a: [1, "x"], b: null }) }], flag: false },
      reference: new ResourceReference(urn("a"), "id", "1.2.3"),
      component: new ResourceReference(urn("a")),
    };
    const full = thing("b", {
      inputs: { password: new Secret("hunter2") },
      outputs,
      protect: true,
      external: true,
      dependencies: [urn("a")],
      initErrors: ["half done"],
      propertyDependencies: { password: [urn("a")], other: [] },
      pendingReplacement: true,
      additionalSecretOutputs: ["text"],
      aliases: [urn("old")],
      customTimeouts: { create: 60, update: 0.5 },
      importID: "imported",
      retainOnDelete: true,
      deletedWith: urn("a"),
      ignoreChanges: ["tags"],
      replaceOnChanges: ["mounts"],
      created: "2026-01-01T00:00:00Z",
      modified: "2026-01-02T00:00:00Z",
      other: { taint: true, sourcePosition: "project:///index.ts#1,2", ofTheFuture: { z: 1, a: [] } },
    });
    const old = thing("b", { id: "old", delete: true, outputs: { password: new Secret("hunter1") } });
    const component: ResourceState = {
      urn: urn("c"),
      custom: false,
      type: "test:index:Group",
      inputs: {},
      outputs: { later: unknown },
      dependencies: [],
      propertyDependencies: {},
    };
    const pendingOperations: PendingOperation[] = [{ type: "creating", resource: thing("d") }];
    const snapshot = { resources: [thing("a"), full, old, component], pendingOperations };
    await fixture.store().save(snapshot);
    expect(await fixture.store().load()).toEqual(snapshot);
    expect(await text()).not.toMatch(/hunter/);
  });

  it("keeps the last of many saves, in the order they were asked for", async () => {
    const store = fixture.store();
    const saves = Array.from({ length: 20 }, (_, index) =>
      store.save({ resources: [thing(`r${index}`)], pendingOperations: [] }),
    );
    await Promise.all(saves);
    expect((await fixture.store().load()).resources.map(({ urn: last }) => last)).toEqual([urn("r19")]);
    const { previous } = fixture.backend.paths(name);
    expect(await readFile(previous, "utf8")).toContain("r18");
  });

  it("is readable by its owner only", async () => {
    await fixture.store().save({ resources: [thing("a")], pendingOperations: [] });
    expect((await stat(fixture.backend.paths(name).state)).mode & 0o077).toBe(0);
  });

  it("writes resources down before it complains of their order, and refuses to read them", async () => {
    const wrong = {
      resources: [thing("a", { dependencies: [urn("b")] }), thing("b")],
      pendingOperations: [],
    };
    await expect(fixture.store().save(wrong)).rejects.toThrow(/it was already written, but is invalid/);
    await expect(fixture.store().load()).rejects.toThrow(/dependency .*::b comes after it/);
  });

  it.each([
    ["an unknown value", { a: { b: unknown } }, /a\.b is not known yet/],
    ["an unknown value in a secret", { a: new Secret([unknown]) }, /a\[0\] is not known yet/],
  ])("refuses to store %s, and keeps what was there", async (_, outputs: PropertyMap, message) => {
    const before = await text();
    const save = fixture.store().save({ resources: [thing("a", { outputs })], pendingOperations: [] });
    await expect(save).rejects.toThrow(message);
    expect(await text()).toBe(before);
  });

  it("records a run in the history and backs the state up", async () => {
    const store = fixture.store();
    await store.save({ resources: [thing("a")], pendingOperations: [] });
    await store.record({
      kind: "update",
      startTime: 1000.7,
      endTime: 1002.1,
      result: "succeeded",
      message: "why",
      config: { "shop:b": '{"secure":"v1:x:y"}', "shop:a": '"1"' },
      resourceChanges: { same: 1, create: 2 },
    });
    const { history, backups } = fixture.backend.paths(name);
    const [checkpoint = "", entry = ""] = (await readdir(history)).sort();
    expect(checkpoint).toMatch(/^dev-\d{19}\.checkpoint\.json$/);
    expect(entry).toMatch(/^dev-\d{19}\.history\.json$/);
    expect(await readFile(path.join(history, checkpoint), "utf8")).toBe(await text());
    const [backup = ""] = await readdir(backups);
    expect(backup).toMatch(/^dev\.\d{19}\.json$/);
    expect(await readFile(path.join(backups, backup), "utf8")).toBe(await text());
    const json = await readFile(path.join(history, entry), "utf8");
    expect(json).toMatch(/^\{"kind":"update","startTime":1000,"message":"why","environment":\{/);
    expect(json).toContain(
      '"config":{"shop:a":"1","shop:b":{"secure":"v1:x:y"}},"version":0,"result":"succeeded","endTime":1002',
    );
    expect(json).toMatch(/"resourceChanges":\{"create":2,"same":1\}\}$/);
  });
});

const canMount = (() => {
  try {
    execFileSync("unshare", ["-m", "true"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!canMount)("a full disk (skipped where no tmpfs can be mounted)", () => {
  it("keeps the old state and says so", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "state-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "state-test", folder]);
    try {
      const full = await newBackend(folder);
      const store = full.store();
      await store.save({ resources: [thing("a")], pendingOperations: [] });
      const before = await readFile(full.backend.paths(name).state, "utf8");
      const big = thing("a", { outputs: { text: "x".repeat(200_000) } });
      await expect(store.save({ resources: [big], pendingOperations: [] })).rejects.toThrow(
        /cannot write .*dev\.json: the disk is full; what was there before is unchanged/,
      );
      expect(await readFile(full.backend.paths(name).state, "utf8")).toBe(before);
      expect(await readdir(path.dirname(full.backend.paths(name).state))).toEqual([
        "dev.json",
        "dev.json.bak",
      ]);
      await store.save({ resources: [thing("b")], pendingOperations: [] });
      expect((await full.store().load()).resources).toHaveLength(1);
    } finally {
      execFileSync("umount", [folder]);
      await rm(folder, { recursive: true });
    }
  });
});
