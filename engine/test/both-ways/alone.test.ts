import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker } from "../providers/docker/docker-host";
import { RealParts } from "../real-parts";
import { EverythingProject } from "./everything-project";

describe.skipIf(!RealParts.canBeHad())("every type and option (skipped without Docker or sshd)", () => {
  let stack: EverythingProject;
  beforeAll(async () => {
    stack = await EverythingProject.start("alone");
  }, 180_000);
  afterAll(() => stack.stop());

  it.each([
    ["create", 1],
    ["change", 2],
    ["remove", 3],
  ])(
    "after %s nothing is left to do, and a refresh finds nothing",
    async (_name, step) => {
      await stack.set("step", String(step));
      await stack.ok("embedded", ["up", "--yes", "--skip-preview"]);
      await stack.ok("embedded", ["preview", "--diff", "--refresh", "--expect-no-changes"]);
      const outputs = JSON.parse(await stack.ok("embedded", ["stack", "output", "--json"])) as object;
      expect(outputs).toMatchObject({ words: { isSame: true }, networkIsFound: true });
    },
    120_000,
  );

  it("puts back what was removed and changed by hand", async () => {
    const { prefix } = stack.parts;
    docker("rm", "-f", `${prefix}container`);
    await stack.ok("embedded", ["up", "--yes", "--skip-preview", "--refresh"]);
    expect(docker("inspect", "--format", "{{.State.Running}}", `${prefix}container`)).toBe("true");
    docker("stop", "-t", "0", `${prefix}container`);
    await stack.ok("embedded", ["up", "--yes", "--skip-preview", "--refresh"]);
    expect(docker("inspect", "--format", "{{.State.Running}}", `${prefix}container`)).toBe("true");
    await stack.ok("embedded", ["preview", "--diff", "--refresh", "--expect-no-changes"]);
  }, 120_000);

  it("destroy leaves what was to be retained", async () => {
    await stack.ok("embedded", ["destroy", "--yes"]);
    const { prefix } = stack.parts;
    const left = docker("volume", "ls", "--filter", `name=${prefix}`, "--format", "{{.Name}}");
    expect(left).toBe(`${prefix}kept`);
    expect(docker("ps", "-aq", "--filter", `name=${prefix}`)).toBe("");
  }, 60_000);
});
