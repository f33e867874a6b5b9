import { describe, expect, it } from "vitest";
import type { Registered } from "../../src/deployment/goal";
import { integrityFaults } from "../../src/state/integrity";
import type { PropertyMap } from "../../src/values/value";
import { Harness, urnOf, type TestProgram, type ThingOptions } from "./harness";

describe("targets", () => {
  const three =
    (size: number) =>
    async ({ thing }: TestProgram) => {
      const a = await thing("a", { size });
      await thing("b", { size }, { dependencies: [a.urn] });
      await thing("c", { size });
    };

  it("change only what is named", async () => {
    const stack = new Harness();
    await stack.run(three(1));
    const { steps } = await stack.run(three(2), { options: { targets: [urnOf("c")] } });
    expect(steps).toEqual(["update c"]);
    const { summary } = await stack.preview(three(2));
    expect(summary.resourceChanges).toEqual({ same: 2, update: 2 });
  });

  it("with their dependents where asked for", async () => {
    const stack = new Harness();
    await stack.run(three(1));
    const options = { targets: [urnOf("a")], targetDependents: true };
    const { steps } = await stack.run(three(2), { options });
    expect(steps).toEqual(["update a", "update b"]);
  });

  it("that need a resource which is not created are refused", async () => {
    const stack = new Harness();
    const { errors } = await stack.run(three(1), { options: { targets: [urnOf("b")] } });
    expect(errors[0]).toContain("not specified in --target list");
    expect(stack.world.things.size).toBe(0);
  });

  it("that do not exist are named", async () => {
    const stack = new Harness();
    await stack.run(three(1));
    const { errors } = await stack.run(three(1), { options: { targets: [urnOf("nowhere")] } });
    expect(errors[0]).toContain(`Target '${urnOf("nowhere")}' could not be found`);
  });

  it("destroy only what is named, with a pattern too", async () => {
    const stack = new Harness();
    await stack.run(three(1));
    await stack.destroy({ options: { targets: ["**::c"] } });
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "a", "b"]);
  });

  it("destroy nothing that others need, whichever way they need it", async () => {
    const needs: Readonly<Record<string, (a: Registered) => [PropertyMap, ThingOptions]>> = {
      dependencies: ({ urn }) => [{}, { dependencies: [urn] }],
      propertyDependencies: (a) => [{ v: 1 }, { from: { v: a }, dependencies: [] }],
      parent: ({ urn }) => [{}, { parent: urn }],
      deletedWith: ({ urn }) => [{}, { deletedWith: urn }],
    };
    for (const [how, wire] of Object.entries(needs)) {
      const stack = new Harness();
      await stack.run(async ({ thing }) => {
        const a = await thing("a");
        const b = await thing("b", ...wire(a));
        await thing("c", {}, { dependencies: [b.urn] });
      });
      const before = stack.store.current;
      stack.world.log.length = 0;
      for (const dryRun of [true, false]) {
        const { errors, summary } = await stack.destroy({ dryRun, options: { targets: ["**::a"] } });
        expect(summary.result, how).toBe("failed");
        const named = errors.filter((message) => message.includes("was not specified in --target list"));
        expect(named.map((message) => /Thing[^']*::(\w)'/.exec(message)?.[1]).sort(), how).toEqual([
          "b",
          "c",
        ]);
      }
      expect(stack.world.log, how).toEqual([]);
      expect(stack.store.current.resources, how).toEqual(before.resources);
      const all = await stack.destroy({ options: { targets: ["**::a"], targetDependents: true } });
      expect(all.summary.result, how).toBe("succeeded");
      expect(stack.names, how).toEqual(["project-dev", "default_1_0_0"]);
    }
  });

  /** a ← b ← c, each replaced with the one before it; d takes c's value. */
  const cascade =
    (key: string) =>
    async ({ thing }: TestProgram) => {
      const a = await thing("a", { key }, { deleteBeforeReplace: true });
      const b = await thing("b", { key: a.outputs["serial"] ?? null, note: key }, { from: { key: a } });
      const c = await thing("c", { key: b.outputs["serial"] ?? null, note: key }, { from: { key: b } });
      await thing("d", { value: c.outputs["serial"] ?? null, note: key }, { from: { value: c } });
    };

  it.each([
    ["--target", { targets: [urnOf("a")] }],
    ["--target-replace", { targets: [urnOf("a")], replaces: [urnOf("a")] }],
    ["--target-dependents", { targets: [urnOf("a")], targetDependents: true }],
  ])("that are deleted first (%s): what was deleted with them is created again", async (_, options) => {
    const stack = new Harness();
    await stack.run(cascade("1"));
    stack.world.log.length = 0;
    const preview = await stack.preview(cascade("2"), { options });
    const { summary, steps } = await stack.run(cascade("2"), { options });
    expect(summary.result).toBe("succeeded");
    expect(steps).toEqual(["replace a", "replace b", "replace c"]);
    expect(preview.steps).toEqual(steps);
    expect(stack.world.log).toEqual(["delete c", "delete b", "delete a", "create a", "create b", "create c"]);
    expect(stack.names).toEqual(["project-dev", "default_1_0_0", "a", "b", "c", "d"]);
    for (const snapshot of stack.store.saved) expect(integrityFaults(snapshot)).toEqual([]);
    // What is not among the targets keeps the inputs it had, as with Pulumi; its next run brings it up to date.
    const c = stack.store.current.resources.find(({ urn }) => urn === urnOf("c"));
    expect(c?.inputs).toMatchObject({ note: "1" });
  });
});
