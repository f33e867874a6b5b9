import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createDisplay } from "../../src/display/display";
import type { DeploymentRequest } from "../../src/deployment/request";
import { Secret } from "../../src/values/value";
import { Harness, type TestProgram } from "../deployment/harness";

type Program = (program: TestProgram) => Promise<void>;

/** What a run prints into a pipe, line by line; times are no matter. */
async function linesOf(
  stack: Harness,
  program: Program,
  overrides: Partial<DeploymentRequest> = {},
  diff = false,
): Promise<string[]> {
  const out = new PassThrough();
  const display = createDisplay({
    kind: overrides.kind === "destroy" ? "destroy" : overrides.kind === "refresh" ? "refresh" : "update",
    dryRun: overrides.dryRun === true,
    project: "project",
    stack: "dev",
    diff,
    json: false,
    out: out as unknown as NodeJS.WriteStream,
    color: false,
    interactive: false,
  });
  await stack.run(program, { ...overrides, sink: display.sink });
  display.finish();
  const text = (out.read() as Buffer).toString().replace(/\(\d+(\.\d+)?s\)/g, "(…)");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("Duration:"));
}

const nothing: Program = () => Promise.resolve();

// The expectations below are what the real CLI 3.259 printed for the same things, but for its types.

it("marks errors where they happen, and counts what they are about", async () => {
  const stack = new Harness();
  const lines = await linesOf(stack, async ({ thing, registrar }) => {
    registrar.log("warning", "careful\nreally", undefined, false);
    await thing("bad", { fail: "create" });
  });
  expect(lines).toContain(" +  pulumi:pulumi:Stack project-dev creating (…) warning: careful");
  expect(lines).toContain(" +  test:index:Thing bad **creating failed** error: cannot create bad");
  expect(lines.slice(lines.indexOf("Resources:"))).toEqual([
    "Resources:",
    "    + 1 created",
    "    2 errored",
  ]);
});

it("marks what is retained, and tells why a replacement happens on each of its lines", async () => {
  const stack = new Harness();
  const program =
    (key: string): Program =>
    async ({ thing }) => {
      await thing("kept", { key }, { retainOnDelete: true });
    };
  await stack.run(program("a"));
  const lines = await linesOf(stack, program("b"), { dryRun: true });
  expect(lines).toContain(" ++ test:index:Thing kept create replacement[retain] [diff: ~key]");
  expect(lines).toContain(" +- test:index:Thing kept replace[retain] [diff: ~key]");
  expect(lines).toContain(" -- test:index:Thing kept delete original[retain] [diff: ~key]");
  const diff = await linesOf(stack, program("b"), { dryRun: true }, true);
  expect(diff).toContain("    +-test:index:Thing: (replace[retain])");
});

it("counts what is protected as errored, not as to be deleted, and nothing that it needs", async () => {
  const stack = new Harness();
  await stack.run(async ({ thing }) => {
    const needed = await thing("needed");
    await thing("locked", {}, { protect: true, dependencies: [needed.urn] });
    await thing("free");
  });
  const lines = await linesOf(stack, nothing, { kind: "destroy", dryRun: true });
  expect(lines).toContain(" -  test:index:Thing free delete");
  expect(lines.join("\n")).toMatch(
    /^ {4}test:index:Thing locked error: resource ".*::locked" cannot be deleted$/m,
  );
  expect(lines.join("\n")).not.toContain("needed delete");
  expect(lines.slice(lines.indexOf("Resources:"))).toEqual([
    "Resources:",
    "    - 1 to delete",
    "    2 errored",
  ]);
});

it("shows outputs as the CLI does: nothing empty, text in one line, a new secret as no change", async () => {
  const stack = new Harness();
  const program =
    (step: number): Program =>
    async ({ outputs }) => {
      await outputs({
        empty: "",
        gone: step === 1 ? null : "back",
        nested: { none: null, secret: new Secret(step), number: step },
        secret: new Secret(step),
        text: "one\ntwo\n",
      });
    };
  const first = await linesOf(stack, program(1));
  expect(first.slice(first.indexOf("Outputs:"), first.indexOf("Resources:"))).toEqual([
    "Outputs:",
    "    nested: {",
    "        none  : <null>",
    "        number: 1",
    "        secret: [secret]",
    "    }",
    "    secret: [secret]",
    String.raw`    text  : "one\ntwo\n"`,
  ]);
  const second = await linesOf(stack, program(2), { dryRun: true });
  expect(second.slice(second.indexOf("Outputs:"), second.indexOf("Resources:"))).toEqual([
    "Outputs:",
    '  + gone  : "back"',
    "  ~ nested: {",
    "      ~ number: 1 => 2",
    "    }",
  ]);
});

it("shows no step for what is only read, and how a refresh of each resource has ended", async () => {
  const stack = new Harness();
  stack.world.things.set("id-0", {});
  const read: Program = async ({ registrar, thing }) => {
    const provider = await registrar.defaultProvider("test", "1.0.0");
    const found = { type: "test:index:Thing", name: "found", id: "id-0", provider, properties: {} };
    await registrar.read({ ...found, dependencies: [], additionalSecretOutputs: [] });
    await thing("own");
  };
  const up = await linesOf(stack, read);
  expect(up.some((line) => line.endsWith("creating (…) read test:index:Thing found"))).toBe(true);
  expect(up.some((line) => line.includes("Thing found read"))).toBe(false);
  const refreshed = await linesOf(stack, nothing, { kind: "refresh" });
  expect(refreshed).toContain(" ~  test:index:Thing own refreshing (…)");
  expect(refreshed).toContain("    test:index:Thing own");
  const without = await linesOf(stack, async ({ thing }) => {
    await thing("own");
  });
  expect(without.join("\n")).not.toContain("found");
  expect(without.slice(without.indexOf("Resources:"))).toEqual(["Resources:", "    2 unchanged"]);
});
