import { describe, expect, it } from "vitest";

import { TestProject } from "./cli";
import { exported, STATE } from "./exported";

describe("a state that is cut in half", () => {
  it("is named with the ways back by whatever reads it, and `stack ls` tells of the others", async () => {
    const project = await TestProject.make();
    await project.ok(["stack", "init", "prod"]);
    await project.ok(["stack", "init", "dev"]);
    await project.ok(["stack", "import"], { input: exported });
    const whole = await project.read(STATE);
    await project.write(STATE, whole.slice(0, whole.length / 2));
    for (const args of [["output"], ["export"], []]) {
      const { code, err } = await project.run(["stack", ...args]);
      expect(err).toMatch(
        /cannot use the state .*dev\.json: .*cut short\nIt is left as it is\..*\n +cp \S+dev\.json\.bak /s,
      );
      expect(code).toBe(1);
    }
    const list = await project.run(["stack", "ls"]);
    expect(list.out).toMatch(/\ndev\* +broken +n\/a\nprod /);
    expect(list.err).toMatch(/dev\.json: .*cut short.*\n +cp /s);
    expect(list.code).toBe(1);
  });
});
