import { beforeAll, describe, expect, it } from "vitest";

import { TestProject } from "./cli";

const SCHEMA = `name: shop
runtime:
  name: nodejs
config:
  size: 3
  name:
    type: string
  flags:
    type: array
    items: {type: boolean}
  password:
    type: string
    secret: true
  docker:host:
    value: local
`;

describe("config", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.make(SCHEMA);
    await project.ok(["stack", "init", "dev"]);
  });

  it("sets, gets, lists and removes; secrets only encrypted in the file and blinded in the list", async () => {
    await project.ok(["config", "set", "name", "shop one"]);
    await project.ok(["config", "set", "--secret", "password", "hunter2"]);
    await project.ok(["config", "set", "--path", "users[0].name", "admin"]);
    await project.ok(["config", "set", "--path", "--secret", "users[0].password", "hunter3"]);
    await project.ok(["config", "set", "--path", "users[0].limit", "12"]);
    await project.ok(["config", "set", "from-stdin"], { input: "line 1\nline 2\n" });
    const file = await project.read("Pulumi.dev.yaml");
    expect(file).not.toMatch(/hunter/);
    expect(file).toContain("limit: 12");

    expect(await project.ok(["config", "get", "name"])).toBe("shop one\n");
    expect(await project.ok(["config", "get", "shop:password"])).toBe("hunter2\n");
    expect(await project.ok(["config", "get", "from-stdin"])).toBe("line 1\nline 2\n");
    expect(await project.ok(["config", "get", "size"])).toBe("3\n");
    expect(await project.ok(["config", "get", "docker:host"])).toBe("local\n");
    expect(await project.ok(["config", "get", "--path", "users[0].password"])).toBe("hunter3\n");
    const users = '[{"limit":12,"name":"admin","password":"hunter3"}]';
    expect(await project.ok(["config", "get", "users"])).toBe(`${users}\n`);
    expect(JSON.parse(await project.ok(["config", "get", "users", "--json"]))).toEqual({
      value: users,
      objectValue: JSON.parse(users) as unknown,
      secret: true,
    });

    const list = await project.ok(["config"]);
    expect(list).not.toMatch(/hunter/);
    expect(list).toMatch(/^KEY +VALUE\n/);
    expect(list).toMatch(/^password +\[secret\]$/m);
    expect(list).toMatch(/^docker:host +local$/m);
    expect(await project.ok(["config", "--show-secrets"])).toContain("hunter3");
    const json = JSON.parse(await project.ok(["config", "--json"])) as Record<string, unknown>;
    expect(json["shop:password"]).toEqual({ secret: true });
    expect(json["shop:name"]).toEqual({ value: "shop one", secret: false });

    await project.ok(["config", "rm", "--path", "users[0].password"]);
    await project.ok(["config", "rm", "from-stdin"]);
    expect(JSON.parse(await project.ok(["config", "get", "users"]))).toEqual([{ name: "admin", limit: 12 }]);
    expect(await project.run(["config", "get", "from-stdin"])).toMatchObject({
      code: 1,
      err: "error: configuration key 'from-stdin' not found for stack 'dev'\n",
    });
  });

  it.each([
    [
      ["config", "set", "--path", "users[7]", "x"],
      "could not set config: users[7]: array index out of range",
    ],
    [
      ["config", "set", "--path", "users.x", "x"],
      "could not set config: users.x: key for an array must be an int",
    ],
    [
      ["config", "set", "--path", "users[0].name.first", "x"],
      "could not set config: users[0].name: expected a map",
    ],
    [["config", "set", "a:b:c:d", "x"], "could not parse a:b:c:d as a configuration key"],
    [
      ["config", "set", "a", "x", "--secret", "--plaintext"],
      "--secret and --plaintext cannot be used together",
    ],
  ])("%j is refused, and the file stays as it is", async (args, message) => {
    const before = await project.read("Pulumi.dev.yaml");
    const { code, err } = await project.run(args);
    expect(err).toContain(message);
    expect(code).toBe(1);
    expect(await project.read("Pulumi.dev.yaml")).toBe(before);
  });

  it("takes the passphrase from a file, and says what to set where there is none", async () => {
    await project.write("passphrase", "correct\n");
    const env = { PULUMI_CONFIG_PASSPHRASE: undefined };
    const withFile = { ...env, PULUMI_CONFIG_PASSPHRASE_FILE: `${project.folder}/passphrase` };
    expect(await project.ok(["config", "get", "password"], { env: withFile })).toBe("hunter2\n");
    expect((await project.run(["config", "get", "password"], { env })).err).toContain(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
    const missing = { ...env, PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere" };
    expect((await project.run(["config", "get", "password"], { env: missing })).err).toContain(
      "unable to read PULUMI_CONFIG_PASSPHRASE_FILE",
    );
  });

  it("a wrong passphrase ends `up` before anything happens", async () => {
    const state = ".state/.pulumi/stacks/shop/dev.json";
    const before = [await project.read(state), await project.read("Pulumi.dev.yaml")];
    const answer = await project.run(["up", "--yes"], { env: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
    expect(answer).toEqual({
      code: 1,
      out: "",
      err: "error: getting stack configuration: get stack secrets manager: incorrect passphrase\n",
    });
    expect([await project.read(state), await project.read("Pulumi.dev.yaml")]).toEqual(before);
  });

  it("tells every missing and ill-typed value at once", async () => {
    await project.ok(["config", "rm", "name"]);
    await project.ok(["config", "set", "password", "in plain"]);
    await project.ok(["config", "set", "size", "many"]);
    const { code, err } = await project.run(["preview"]);
    expect(err).toContain(
      "validating stack config: Stack 'dev' is missing configuration values 'flags' and 'name'",
    );
    expect(err).toContain("Stack 'dev' with configuration key 'password' must be encrypted as it's secret");
    expect(code).toBe(1);
    await project.write("Pulumi.yaml", SCHEMA.replace("size: 3", "size: {type: integer, default: 3}"));
    await project.ok(["config", "set", "--path", "flags[0]", "perhaps"]);
    const again = await project.run(["preview"]);
    expect(again.err).toContain("Stack 'dev' with configuration key 'size' must be of type 'integer'");
    expect(again.err).toContain(
      "Stack 'dev' with configuration key 'flags' must be of type 'array<boolean>'",
    );
  });

  it("tells everything that is wrong with Pulumi.yaml at once", async () => {
    await project.write(
      "Pulumi.yaml",
      "runtime: python\nconfig:\n  a: {type: array}\n  b: {type: integer, default: x}\n  c: {type: text}\n  d: {default: 1, value: 2}\n  e:f: {default: 1}\nplugins: {}\n",
    );
    const { err } = await project.run(["config"]);
    for (const message of [
      "project is missing a 'name' attribute",
      'runtime "python" is not in the embedded engine',
      "'a' declares an array but does not specify",
      "'b' is not of the expected type 'integer'",
      `'c' has the type "text"; it takes: string, integer, boolean, object, array`,
      "'d' cannot have both a 'default' and 'value'",
      "'e:f' is not namespaced by the project and should not define a default",
      '"plugins" is not in the embedded engine',
    ]) {
      expect(err).toContain(message);
    }
  });
});
