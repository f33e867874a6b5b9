import { describe, expect, it } from "vitest";
import { Harness, urnOf, type TestProgram } from "./harness";

/** root ← keyed (its key comes from root: replaced with it) ← leaf (a value from keyed: updated). */
const family =
  (key: string) =>
  async ({ thing }: TestProgram) => {
    const root = await thing("root", { key, deleteFirst: true });
    const keyed = await thing("keyed", { key: root.outputs["serial"] ?? null }, { from: { key: root } });
    await thing("leaf", { value: keyed.outputs["serial"] ?? null }, { from: { value: keyed } });
    await thing("bystander", {}, { dependencies: [root.urn] });
  };

describe("replacement", () => {
  it("deletes first where the provider says so, and with it what must be replaced because of it", async () => {
    const stack = new Harness();
    await stack.run(family("a"));
    stack.world.log.length = 0;
    const { steps, summary, errors } = await stack.run(family("b"));
    expect(errors).toEqual([]);
    expect(stack.world.log).toEqual([
      "delete keyed",
      "delete root",
      "create root",
      "create keyed",
      "update leaf",
    ]);
    expect(steps).toEqual(["replace root", "replace keyed", "update leaf"]);
    expect(summary.resourceChanges).toEqual({ same: 2, replace: 2, update: 1 });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "root", "keyed", "leaf", "bystander"]);
    expect(stack.store.current.resources.some(({ pendingReplacement }) => pendingReplacement)).toBe(false);
  });

  it("keeps a resource that is to be created again in the state while it is gone", async () => {
    const stack = new Harness();
    await stack.run(family("a"));
    stack.store.saved.length = 0;
    await stack.run(family("b"));
    const between = stack.store.saved.find(({ pendingOperations }) =>
      pendingOperations.some(({ type, resource }) => type === "creating" && resource.urn === urnOf("root")),
    );
    const root = between?.resources.find(({ urn }) => urn === urnOf("root"));
    expect(root?.pendingReplacement).toBe(true);
  });

  it("lets the user choose: deleteBeforeReplace false creates first", async () => {
    const stack = new Harness();
    const program =
      (key: string) =>
      async ({ thing }: TestProgram) => {
        await thing("root", { key, deleteFirst: true }, { deleteBeforeReplace: false });
      };
    await stack.run(program("a"));
    stack.world.log.length = 0;
    await stack.run(program("b"));
    expect(stack.world.log).toEqual(["create root", "delete root"]);
  });

  it("goes on after the creation of a replacement has failed", async () => {
    const stack = new Harness();
    const program =
      (key: string, fail: string) =>
      async ({ thing }: TestProgram) => {
        await thing("root", { key, fail, deleteFirst: true });
      };
    await stack.run(program("a", ""));
    const failed = await stack.run(program("b", "create"));
    expect(failed.summary.result).toBe("failed");
    expect(stack.world.things.size).toBe(0);
    stack.world.log.length = 0;
    const again = await stack.run(program("b", ""));
    expect(again.steps).toEqual(["replace root"]);
    // It is gone already: deleting it again would fail.
    expect(stack.world.log).toEqual(["create root"]);
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "root"]);
  });

  it("deletes later what a failed run could not delete", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing }) => {
      await thing("root", { key: "a", fail: "delete" });
    });
    const failed = await stack.run(async ({ thing }) => {
      await thing("root", { key: "b" });
    });
    expect(failed.errors[0]).toBe("cannot delete root");
    expect(stack.store.current.resources.filter((state) => state.delete)).toHaveLength(1);
    // The old one is cured outside of Pulumi.
    stack.store.current = {
      ...stack.store.current,
      resources: stack.store.current.resources.map((state) =>
        state.delete === true ? { ...state, inputs: { key: "a" } } : state,
      ),
    };
    const again = await stack.run(async ({ thing }) => {
      await thing("root", { key: "b" });
    });
    expect(again.summary.result).toBe("succeeded");
    expect(stack.world.things.size).toBe(1);
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "root"]);
  });

  it("replaces on request (--replace), and where replaceOnChanges says so", async () => {
    const stack = new Harness();
    const program =
      (size: number) =>
      async ({ thing }: TestProgram) => {
        await thing("plain", { size: 1 });
        await thing("strict", { size }, { replaceOnChanges: ["size"] });
      };
    await stack.run(program(1));
    const changed = await stack.run(program(2));
    expect(changed.steps).toEqual(["replace strict"]);
    const asked = await stack.run(program(2), { options: { replaces: [urnOf("plain")] } });
    expect(asked.steps).toEqual(["replace plain"]);
  });

  it("refuses to replace what is protected, and changes nothing", async () => {
    const stack = new Harness();
    const program =
      (key: string) =>
      async ({ thing }: TestProgram) => {
        await thing("root", { key }, { protect: true });
      };
    await stack.run(program("a"));
    stack.world.log.length = 0;
    const { errors, summary } = await stack.run(program("b"));
    expect(summary.result).toBe("failed");
    expect(errors[0]).toMatch(/unable to replace resource .*::root/);
    expect(stack.world.log).toEqual([]);
  });

  it("replaces a resource whose deletedWith is replaced", async () => {
    const stack = new Harness();
    const program =
      (key: string) =>
      async ({ thing }: TestProgram) => {
        const host = await thing("host", { key });
        await thing("guest", {}, { deletedWith: host.urn });
      };
    await stack.run(program("a"));
    stack.world.log.length = 0;
    const { steps } = await stack.run(program("b"));
    expect(steps).toEqual(["replace host", "replace guest"]);
  });
});
