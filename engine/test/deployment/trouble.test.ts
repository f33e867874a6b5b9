import { describe, expect, it, vi } from "vitest";
import type { Snapshot } from "../../src/state/resource";
import { integrityFaults } from "../../src/state/integrity";
import { Harness, urnOf, type TestProgram } from "./harness";

const warnings = (events: Awaited<ReturnType<Harness["run"]>>["events"]): string[] =>
  events.flatMap((event) =>
    event.kind === "diagnostic" && event.severity === "warning" ? [event.message] : [],
  );

describe("failures", () => {
  it("of one operation let those under way finish, and start nothing new", async () => {
    const stack = new Harness();
    const { summary, errors, events } = await stack.run(async ({ thing }) => {
      await Promise.all([
        thing("slow", { delay: 60 }),
        thing("bad", { fail: "create", delay: 10 }),
        thing("slow2", { delay: 60 }).then((slow) => thing("never", {}, { dependencies: [slow.urn] })),
      ]);
    });
    expect(summary.result).toBe("failed");
    expect(errors).toEqual(["cannot create bad", "update failed"]);
    const failed = events.find((event) => event.kind === "resource-failed");
    expect(failed?.metadata.urn).toBe(urnOf("bad"));
    expect(stack.names.sort()).toEqual(["default_1_0_0", "project-dev", "slow", "slow2"]);
    expect(stack.store.current.pendingOperations).toEqual([]);
  });

  it("in part are recorded, and the next run goes on from there", async () => {
    const stack = new Harness();
    const program =
      (fail: string) =>
      async ({ thing }: TestProgram) => {
        await thing("one", { fail });
      };
    const failed = await stack.run(program("partial-create"));
    expect(failed.errors[0]).toBe("not ready");
    const state = stack.store.current.resources.find(({ urn }) => urn === urnOf("one"));
    expect(state).toMatchObject({ id: "id-1", initErrors: ["not ready"] });
    const again = await stack.run(program(""));
    expect(again.steps).toEqual(["update one"]);
    const cured = stack.store.current.resources.find(({ urn }) => urn === urnOf("one"));
    expect(cured?.initErrors).toBeUndefined();
  });

  it("keep the stack's outputs", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing, outputs }) => {
      await thing("one");
      await outputs({ kept: 1, changed: 1 });
    });
    const failed = await stack.run(async ({ thing, outputs }) => {
      await outputs({ changed: 2 });
      await thing("two", { fail: "create" });
    });
    expect(failed.summary.outputs).toMatchObject({ kept: 1 });
    const root = stack.store.current.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    expect(root?.outputs).toMatchObject({ kept: 1 });
  });

  it("to save the state end the run", async () => {
    const stack = new Harness();
    vi.spyOn(stack.store, "save").mockRejectedValue(new Error("no space left on device"));
    const saving = stack.run(async ({ thing }) => {
      await thing("one");
    });
    await expect(saving).rejects.toThrow("no space left");
  });
});

describe("being stopped", () => {
  it("once: what is under way is finished", async () => {
    const stack = new Harness();
    const { summary } = await stack.run(async ({ thing }) => {
      setTimeout(() => stack.cancel.abort(), 30);
      const one = await thing("one", { delay: 60 });
      await thing("two", {}, { dependencies: [one.urn] });
    });
    expect(summary.result).toBe("canceled");
    expect(stack.names).toContain("one");
    expect(stack.names).not.toContain("two");
    expect(stack.store.current.pendingOperations).toEqual([]);
  });

  it("twice: what is under way is ended and stays on record", async () => {
    const stack = new Harness();
    const { summary } = await stack.run(async ({ thing }) => {
      setTimeout(() => {
        stack.cancel.abort();
        stack.terminate.abort();
      }, 30);
      await thing("one", { delay: 5000 });
    });
    expect(summary.result).not.toBe("succeeded");
    const { pendingOperations } = stack.store.current;
    expect(pendingOperations.map(({ type, resource }) => `${type} ${resource.urn}`)).toEqual([
      `creating ${urnOf("one")}`,
    ]);
  });
});

describe("a run that was killed", () => {
  const full =
    (key: string) =>
    async ({ thing, outputs }: TestProgram) => {
      const root = await thing("root", { key, deleteFirst: true });
      const keyed = await thing("keyed", { key: root.outputs["serial"] ?? null }, { from: { key: root } });
      await thing("leaf", { value: keyed.outputs["serial"] ?? null }, { from: { value: keyed } });
      if (key === "a") await thing("leaver");
      await outputs({ serial: root.outputs["serial"] ?? null });
    };

  it("leaves a valid state at every step of create, change and destroy", async () => {
    const stack = new Harness();
    await stack.run(full("a"));
    await stack.run(full("b"));
    await stack.destroy();
    expect(stack.store.saved.length).toBeGreaterThan(20);
    for (const snapshot of stack.store.saved) expect(integrityFaults(snapshot)).toEqual([]);
  });

  it("is gone on with from every step: nothing twice, nothing forgotten", async () => {
    const first = new Harness();
    await first.run(full("a"));
    const states: Snapshot[] = [...first.store.saved];
    const world = first.world;
    await first.run(full("b"));
    states.push(...first.store.saved.slice(states.length));
    for (const state of states) {
      const stack = new Harness();
      stack.store.current = state;
      // What the state knows of exists; what was being created when the kill came does not.
      for (const { id, inputs } of state.resources) if (id !== undefined) stack.world.things.set(id, inputs);
      stack.world.startAt(100);
      const { summary, errors } = await stack.run(full("b"));
      expect(errors).toEqual([]);
      expect(summary.result).toBe("succeeded");
      expect(stack.store.current.pendingOperations).toEqual([]);
      expect(stack.names.sort()).toEqual(["default_1_0_0", "keyed", "leaf", "project-dev", "root"]);
      expect(stack.store.current.resources.some((left) => left.delete === true)).toBe(false);
      const again = await stack.run(full("b"));
      expect(again.summary.resourceChanges).toEqual({ same: 4 });
    }
    expect(world.things.size).toBe(3);
  });

  /** A stack whose first thing was made by a run that ended before it could say so. */
  const halfMade = async (): Promise<Harness> => {
    const stack = new Harness();
    await stack.run(full("a"));
    const interrupted = stack.store.saved.find(({ pendingOperations }) =>
      pendingOperations.some(({ resource }) => resource.urn === urnOf("root")),
    );
    stack.store.current = interrupted ?? stack.store.current;
    for (const [id, urn] of stack.world.owners) if (urn !== urnOf("root")) stack.world.things.delete(id);
    return stack;
  };

  it.each(["update", "refresh", "destroy"] as const)(
    "%s first takes back what was half made",
    async (kind) => {
      const stack = await halfMade();
      const preview = await stack.preview(full("a"), { kind });
      expect(warnings(preview.events)).toEqual([]);
      expect([...stack.world.things.keys()]).toEqual(["id-1"]);
      const { events, summary } = await stack.run(full("a"), { kind, options: { refresh: true } });
      expect(summary.result).toBe("succeeded");
      expect(warnings(events)).toEqual([
        "root: the last run ended while this was being created; removed id-1",
      ]);
      expect(stack.world.things.has("id-1")).toBe(false);
      expect(stack.store.current.pendingOperations).toEqual([]);
    },
  );

  it("keeps on record what could not be settled, says how to forget it, and forgets it when told to", async () => {
    const stack = await halfMade();
    stack.world.unreachable = true;
    const { events } = await stack.run(full("a"), { options: { refresh: true } });
    expect(warnings(events).join()).toMatch(
      /^root: .*what became of it is not known\. the things cannot be reached\n.*pulumi refresh --clear-pending-creates --stack dev$/,
    );
    expect(stack.store.current.pendingOperations).toHaveLength(1);
    const options = { clearPendingCreates: true };
    await stack.run(() => Promise.resolve(), { kind: "refresh", options });
    expect(stack.store.current.pendingOperations).toEqual([]);
  });

  it("ends what it was changing as declared, although the program is the old one again", async () => {
    const sized =
      (size: number) =>
      async ({ thing }: TestProgram): Promise<void> => {
        await thing("one", { size });
      };
    for (const refresh of [false, true]) {
      const stack = new Harness();
      await stack.run(sized(1));
      await stack.run(sized(2));
      const interrupted = stack.store.saved.find(
        ({ pendingOperations: [first] }) => first?.type === "updating",
      );
      stack.store.current = interrupted ?? stack.store.current;
      const { steps } = await stack.run(sized(1), { options: { refresh } });
      expect(steps.filter((step) => !step.startsWith("refresh"))).toEqual(["update one"]);
      expect([...stack.world.things.values()]).toEqual([{ size: 1 }]);
      expect((await stack.run(sized(1))).steps).toEqual([]);
    }
  });

  it("makes anew what it was deleting, where that is declared again", async () => {
    const stack = new Harness();
    const one = async ({ thing }: TestProgram): Promise<void> => {
      await thing("one");
    };
    await stack.run(one);
    await stack.run(() => Promise.resolve());
    const interrupted = stack.store.saved.find(
      ({ pendingOperations: [first] }) => first?.type === "deleting",
    );
    stack.store.current = interrupted ?? stack.store.current;
    expect((await stack.run(one)).steps).toEqual(["create one"]);
    expect(stack.world.things.size).toBe(1);
  });
});

describe("refresh", () => {
  const two = async ({ thing }: TestProgram): Promise<void> => {
    const one = await thing("one", { size: 1 });
    await thing("two", { size: 1 }, { dependencies: [one.urn] });
  };

  it("finds what was changed and removed outside, and the next run puts it back", async () => {
    const stack = new Harness();
    await stack.run(two);
    stack.world.things.set("id-2", { size: 7 });
    stack.world.things.delete("id-1");
    const refreshed = await stack.run(two, { kind: "refresh" });
    expect(refreshed.summary.resourceChanges).toEqual({ delete: 1, update: 1, same: 1 });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "two"]);
    const after = stack.store.current.resources.find(({ urn }) => urn === urnOf("two"));
    expect(after?.dependencies).toEqual([]);
    const repaired = await stack.run(two);
    expect(repaired.steps).toEqual(["create one", "update two"]);
  });

  it("before an update (--refresh) does both in one run; in a preview nothing is saved", async () => {
    const stack = new Harness();
    await stack.run(two);
    stack.world.things.delete("id-1");
    const writes = stack.store.saved.length;
    const preview = await stack.preview(two, { options: { refresh: true } });
    expect(preview.summary.resourceChanges).toEqual({ create: 1, same: 2 });
    expect(stack.store.saved.length).toBe(writes);
    const { summary } = await stack.run(two, { options: { refresh: true } });
    expect(summary.resourceChanges).toEqual({ create: 1, same: 2 });
  });

  it("of an unchanged stack only tells when it was", async () => {
    const stack = new Harness();
    await stack.run(two);
    const writes = stack.store.saved.length;
    const { summary } = await stack.run(two, { options: { refresh: true, expectNoChanges: true } });
    expect(summary.result).toBe("succeeded");
    expect(stack.store.saved.length).toBe(writes + 1);
  });
});
