import { describe, expect, it } from "vitest";
import { Secret } from "../../src/values/value";
import { Harness, urnOf, type TestProgram } from "./harness";

const chain =
  (key: string) =>
  async ({ thing, outputs }: TestProgram) => {
    const first = await thing("first", { key });
    const second = await thing(
      "second",
      { value: first.outputs["serial"] ?? null },
      { from: { value: first } },
    );
    await outputs({ second: second.outputs["value"] ?? null });
  };

describe("the life of a stack", () => {
  it("creates, leaves alone, updates and deletes", async () => {
    const stack = new Harness();
    const created = await stack.run(chain("a"));
    expect(created.errors).toEqual([]);
    expect(created.steps).toEqual(["create first", "create second"]);
    expect(created.summary.resourceChanges).toEqual({ create: 3 });
    expect(created.summary.outputs).toEqual({ second: 1 });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "first", "second"]);
    expect(stack.store.current.pendingOperations).toEqual([]);

    const writes = stack.store.saved.length;
    const again = await stack.run(chain("a"));
    expect(again.summary.resourceChanges).toEqual({ same: 3 });
    expect(stack.store.saved.length).toBe(writes + 1);

    const changed = await stack.run(async ({ thing }) => {
      await thing("first", { key: "a", size: 2 });
    });
    expect(changed.steps).toEqual(["update first", "delete second"]);
    expect(changed.summary.resourceChanges).toEqual({ same: 1, update: 1, delete: 1 });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "first"]);

    const gone = await stack.destroy();
    expect(gone.summary.resourceChanges).toEqual({ delete: 2 });
    expect(stack.names).toEqual([]);
    expect(stack.world.things.size).toBe(0);
  });

  it("previews without doing anything, with unknowns for what is not known yet", async () => {
    const stack = new Harness();
    const preview = await stack.preview(chain("a"));
    expect(preview.steps).toEqual(["create first", "create second"]);
    expect(stack.store.saved).toEqual([]);
    expect(stack.world.log).toEqual([]);
    expect(preview.summary.outputs).toEqual({ second: { kind: "unknown" } });
  });

  it("replaces by creating first and deleting last", async () => {
    const stack = new Harness();
    await stack.run(chain("a"));
    stack.world.log.length = 0;
    const replaced = await stack.run(chain("b"));
    expect(replaced.steps).toEqual(["replace first", "update second"]);
    expect(stack.world.log).toEqual(["create first", "update second", "delete first"]);
    expect(replaced.summary.resourceChanges).toEqual({ same: 1, replace: 1, update: 1 });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "first", "second"]);
  });

  it("keeps secret what came in secret", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing }) => {
      await thing(
        "first",
        { password: new Secret("hunter22"), plain: "x" },
        { additionalSecretOutputs: ["plain"] },
      );
    });
    const state = stack.store.current.resources.find(({ urn }) => urn === urnOf("first"));
    expect(state?.inputs).toEqual({ password: new Secret("hunter22"), plain: "x" });
    expect(state?.outputs).toEqual({ password: new Secret("hunter22"), plain: new Secret("x"), serial: 1 });
  });

  it("runs at most so many operations at once", async () => {
    const stack = new Harness();
    await stack.run(
      async ({ thing }) => {
        const names = Array.from({ length: 12 }, (_, index) => `thing${index}`);
        await Promise.all(names.map((name) => thing(name, { delay: 5 })));
      },
      { options: { parallel: 3 } },
    );
    expect(stack.world.mostRunning).toBe(3);
    expect(stack.world.things.size).toBe(12);
  });

  it("deletes dependents before what they depend on, and children before parents", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing, component }) => {
      const group = await component("group");
      const a = await thing("a", {}, { parent: group.urn });
      const b = await thing("b", { value: 1 }, { from: { value: a } });
      await thing("c", {}, { dependencies: [b.urn] });
    });
    stack.world.log.length = 0;
    const { events } = await stack.destroy();
    expect(stack.world.log).toEqual(["delete c", "delete b", "delete a"]);
    const order = events.flatMap((event) =>
      event.kind === "resource-outputs"
        ? [event.metadata.urn.slice(event.metadata.urn.lastIndexOf("::") + 2)]
        : [],
    );
    expect(order.indexOf("a")).toBeLessThan(order.indexOf("group"));
    expect(order.at(-1)).toBe("project-dev");
  });
});
