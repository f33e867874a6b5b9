import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { realPulumi } from "../both-ways/real-pulumi";
import { TestProject } from "./cli";

const urn = (name: string): string => `urn:pulumi:dev::shop::a:b:C::${name}`;
const resource = (name: string, fields: object = {}) => ({
  urn: urn(name),
  custom: false,
  type: "a:b:C",
  ...fields,
});
const exported = JSON.stringify({
  version: 3,
  deployment: {
    manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
    resources: [
      resource("root", { protect: true }),
      resource("child", { parent: urn("root") }),
      resource("user", { dependencies: [urn("child")] }),
      resource("alone", { protect: true }),
    ],
    metadata: {},
  },
});

/** The real CLI gives the same answers. */
const engines = [
  ["embedded", undefined] as const,
  ...(realPulumi === undefined ? [] : [["real", realPulumi] as const]),
];

describe.each(engines)("state, with the %s engine", (_, program) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.make();
    await project.ok(["stack", "init", "dev"]);
  }, 60_000);
  beforeEach(async () => {
    await project.ok(["stack", "import"], { input: exported });
  }, 60_000);
  const run = (...args: string[]) =>
    project.run(["state", ...args], program === undefined ? {} : { program });
  const left = async (): Promise<string[]> => {
    const { deployment } = JSON.parse(await project.ok(["stack", "export"])) as {
      deployment: { resources?: { urn: string; protect?: boolean }[] };
    };
    return (deployment.resources ?? []).map(
      (item) => `${item.urn.split("::").at(-1) ?? ""}${item.protect === true ? " protected" : ""}`,
    );
  };
  const all = ["root protected", "child", "user", "alone protected"];

  it("unprotect takes the protection off what is named, or off all", async () => {
    expect(await run("unprotect", urn("root"), "--yes")).toMatchObject({
      code: 0,
      out: "1 resources unprotected\n",
    });
    expect(await left()).toEqual(["root", "child", "user", "alone protected"]);
    expect(await run("unprotect", "--all", "-y", "--stack", "dev")).toMatchObject({
      code: 0,
      out: "All resources unprotected\n",
    });
    expect(await left()).toEqual(["root", "child", "user", "alone"]);
  });

  it("delete takes a resource out, and what is protected only by force", async () => {
    expect(await run("delete", urn("user"), "--yes")).toMatchObject({ code: 0, out: "Resource deleted\n" });
    expect((await run("delete", urn("alone"), "--yes")).err).toContain(
      `${urn("alone")} can't be safely deleted because it is protected. Re-run this command with --force`,
    );
    expect(await left()).toEqual(["root protected", "child", "alone protected"]);
    const forced = await run("delete", urn("alone"), "--force", "--yes");
    expect(forced.code).toBe(0);
    expect(forced.err).toContain(`deleting protected resource ${urn("alone")} due to presence of --force`);
    expect(await left()).toEqual(["root protected", "child"]);
  });

  it("delete refuses what others need, children too, unless these are to go with it", async () => {
    const refused = await run("delete", urn("child"), "--yes");
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain("can't be safely deleted because the following resources depend on it");
    expect(refused.err).toContain(`(${urn("user")})`);
    expect((await run("delete", urn("root"), "--force", "--yes")).err).toContain(`(${urn("child")})`);
    expect(await left()).toEqual(all);
    expect(await run("delete", urn("child"), "--target-dependents", "--yes")).toMatchObject({ code: 0 });
    expect(await left()).toEqual(["root protected", "alone protected"]);
    expect(await run("delete", "--all", "--force", "--yes")).toMatchObject({
      code: 0,
      out: "Resources deleted\n",
    });
    expect(await left()).toEqual([]);
  });

  it.each(["unprotect", "delete"])(
    "%s refuses a URN that is not there, and changes nothing",
    async (verb) => {
      const { code, err } = await run(verb, urn("chld"), "--yes");
      expect(code).not.toBe(0);
      expect(err).toContain(`No such resource "${urn("chld")}" exists in the current state\nDid you mean:`);
      expect(err).toContain(urn("child"));
      expect((await run(verb, "--yes")).code).not.toBe(0);
      expect(await left()).toEqual(all);
    },
  );
});
