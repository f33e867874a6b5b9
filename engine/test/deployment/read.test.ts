import { expect, it } from "vitest";
import { Harness, urnOf, type TestProgram } from "./harness";

/** A thing that somebody else manages, as `Thing.get("found", "id-0")` reads it. */
const found = async ({ registrar }: TestProgram): Promise<void> => {
  await registrar.read({
    type: "test:index:Thing",
    name: "found",
    id: "id-0",
    provider: await registrar.defaultProvider("test", "1.0.0"),
    properties: {},
    dependencies: [],
    additionalSecretOutputs: [],
  });
};

it("a resource that was only read is forgotten, and is no change", async () => {
  const stack = new Harness();
  stack.world.things.set("id-0", { size: 1 });
  await stack.run(found);
  expect(stack.store.current.resources.find(({ urn }) => urn === urnOf("found"))).toMatchObject({
    external: true,
    outputs: { size: 1 },
  });
  const preview = await stack.preview(() => Promise.resolve(), { options: { expectNoChanges: true } });
  const { steps, summary } = await stack.run(() => Promise.resolve(), { options: { expectNoChanges: true } });
  expect(preview.steps).toEqual(["discard found"]);
  expect(steps).toEqual(["discard found"]);
  expect(summary).toMatchObject({ result: "succeeded", resourceChanges: { discard: 1, same: 1 } });
  expect(stack.names).not.toContain("found");
  expect(stack.world.things.has("id-0")).toBe(true);
});

it("a resource that was only read and is on its way out is forgotten, too", async () => {
  const stack = new Harness();
  stack.world.things.set("id-0", { size: 1 });
  await stack.run(found);
  // Managed from now on: the one that was read makes way for it.
  const { steps } = await stack.run(async ({ thing }) => {
    await thing("found", { size: 2 });
  });
  expect(steps).toEqual(["replace found"]);
  expect(stack.world.log).toEqual(["create found"]);
  expect(stack.names).toEqual(["project-dev", "default_1_0_0", "found"]);
  expect(stack.world.things.get("id-0")).toEqual({ size: 1 });
});
