import { expect, it } from "vitest";
import { DeploymentContext } from "../../src/deployment/context";
import { Diagnostics } from "../../src/deployment/diagnostics";
import { StepExecutor } from "../../src/deployment/executor";
import { SecretFilter } from "../../src/deployment/secret-filter";
import { SnapshotWriter } from "../../src/deployment/snapshot-writer";
import { Harness, urnOf } from "./harness";

it("does not delete what the state needs, whatever was planned", async () => {
  const stack = new Harness();
  await stack.run(async ({ thing }) => {
    const a = await thing("a");
    await thing("b", {}, { dependencies: [a.urn] });
  });
  const before = stack.store.current;
  const errors: string[] = [];
  const request = stack.request({
    sink: (event) => {
      if (event.kind === "diagnostic") errors.push(event.message);
    },
  });
  const secrets = new SecretFilter();
  const diagnostics = new Diagnostics(request.sink, secrets);
  const context = new DeploymentContext(
    request,
    diagnostics,
    secrets,
    { test: stack.world.provider },
    before,
  );
  const executor = new StepExecutor(context, new SnapshotWriter(context), new Set(), 1);
  stack.world.log.length = 0;
  const old = context.olds.get(urnOf("a"));
  await executor.run([{ op: "delete", urn: urnOf("a"), old, logical: true }]);
  expect(executor.failedSteps).toHaveLength(1);
  expect(errors.join()).toContain(`${urnOf("b")} refers to missing dependency ${urnOf("a")}`);
  expect(stack.world.log).toEqual([]);
  expect(stack.store.current).toBe(before);
});
