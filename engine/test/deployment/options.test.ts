import { describe, expect, it } from "vitest";
import { integrityFaults } from "../../src/state/integrity";
import { Harness, urnOf, type TestProgram, type ThingOptions } from "./harness";
import type { PropertyMap } from "../../src/values/value";

const one =
  (inputs: PropertyMap, options: ThingOptions = {}, name = "one") =>
  async ({ thing }: TestProgram) => {
    await thing(name, inputs, options);
  };

const nothing = () => Promise.resolve();

describe("resource options", () => {
  it("ignoreChanges: the change is not made", async () => {
    const stack = new Harness();
    await stack.run(one({ size: 1, tags: { a: 1, b: 1 } }));
    const options = { ignoreChanges: ["size", "tags.a"] };
    const { steps } = await stack.run(one({ size: 2, tags: { a: 2, b: 1 } }, options));
    expect(steps).toEqual([]);
    await stack.run(one({ size: 2, tags: { a: 2, b: 2 } }, options));
    const state = stack.store.current.resources.find(({ urn }) => urn === urnOf("one"));
    expect(state?.inputs).toEqual({ size: 1, tags: { a: 1, b: 2 } });
  });

  it("protect: a resource that leaves the program is not deleted, and the way out is named", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing }) => {
      await thing("one", {}, { protect: true });
      await thing("two", {}, { protect: true });
      await thing("three");
    });
    stack.world.log.length = 0;
    const { errors, summary } = await stack.run(nothing);
    expect(summary.result).toBe("failed");
    expect(errors.filter((message) => message.includes("pulumi state unprotect"))).toHaveLength(2);
    expect(stack.world.log).toEqual([]);
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "one", "two", "three"]);
  });

  it("protect: destroy, too, refuses before anything is deleted", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing }) => {
      await thing("one", {}, { protect: true });
      await thing("two");
    });
    stack.world.log.length = 0;
    const preview = await stack.destroy({ dryRun: true });
    expect(preview.errors[0]).toContain("pulumi state unprotect");
    const { summary } = await stack.destroy();
    expect(summary.result).toBe("failed");
    expect(stack.world.log).toEqual([]);
  });

  it("protect lifted is a change of the state alone", async () => {
    const stack = new Harness();
    await stack.run(one({}, { protect: true }));
    const { summary } = await stack.run(one({}));
    expect(summary.resourceChanges).toEqual({ same: 2 });
    expect(stack.store.current.resources.some(({ protect }) => protect)).toBe(false);
    expect((await stack.destroy()).summary.result).toBe("succeeded");
  });

  it("retainOnDelete: forgotten, not deleted", async () => {
    const stack = new Harness();
    await stack.run(one({}, { retainOnDelete: true }));
    const { steps } = await stack.run(nothing);
    expect(steps).toEqual(["delete one"]);
    expect(stack.world.things.size).toBe(1);
    expect(stack.names).not.toContain("one");
  });

  it("deletedWith: goes with the other, without a deletion of its own", async () => {
    const stack = new Harness();
    await stack.run(async ({ thing }) => {
      const host = await thing("host");
      await thing("guest", {}, { deletedWith: host.urn });
    });
    stack.world.log.length = 0;
    await stack.destroy();
    expect(stack.world.log).toEqual(["delete host"]);
    expect(stack.names).toEqual([]);
  });

  it("aliases: a renamed resource is the same, and those that refer to it are brought along", async () => {
    const stack = new Harness();
    const program =
      (name: string, aliases: string[]) =>
      async ({ thing }: TestProgram) => {
        const renamed = await thing(name, { size: 1 }, { aliases });
        await thing("other", {}, { dependencies: [renamed.urn] });
      };
    await stack.run(program("old", []));
    stack.world.log.length = 0;
    const { steps } = await stack.run(program("new", [urnOf("old")]));
    expect(steps).toEqual([]);
    expect(stack.world.log).toEqual([]);
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "new", "other"]);
    for (const snapshot of stack.store.saved) expect(integrityFaults(snapshot)).toEqual([]);
    const again = await stack.run(program("new", [urnOf("old")]));
    expect(again.summary.resourceChanges).toEqual({ same: 3 });
  });

  it("customTimeouts: an operation that takes longer is ended", async () => {
    const stack = new Harness();
    const { errors } = await stack.run(one({ delay: 5000 }, { customTimeouts: { create: 0.05 } }));
    expect(errors[0]).toBe("ended");
  });

  it("check failures are told, all of them, and nothing is done", async () => {
    const stack = new Harness();
    const { errors } = await stack.run(one({ bad: true }));
    expect(errors[0]).toBe("test:index:Thing resource 'one': property bad has a problem: it is bad");
    expect(stack.world.log).toEqual([]);
  });
});
