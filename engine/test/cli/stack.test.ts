import { mkdir, readdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { TestProject } from "./cli";
import { exported, STATE } from "./exported";

describe("stack", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.make();
    await project.ok(["stack", "init", "dev"]);
    await project.ok(["stack", "init", "prod", "--no-select"]);
  });

  it("init makes the state, the salt and the selection, and refuses a stack that is there", async () => {
    expect(JSON.parse(await project.read(STATE))).toMatchObject({
      version: 3,
      checkpoint: { stack: "organization/shop/dev", latest: { secrets_providers: { type: "passphrase" } } },
    });
    expect(await project.read("Pulumi.dev.yaml")).toMatch(/^encryptionsalt: v1:/);
    expect(await project.ok(["stack", "--show-name"])).toBe("dev\n");
    expect(await project.run(["stack", "init", "dev"])).toMatchObject({
      code: 1,
      err: "error: stack 'organization/shop/dev' already exists\n",
    });
  });

  it("ls tells all of them, and which is selected", async () => {
    const stacks = JSON.parse(await project.ok(["stack", "ls", "--json"])) as {
      name: string;
      current: boolean;
    }[];
    expect(stacks.map(({ name, current }) => [name, current])).toEqual([
      ["dev", true],
      ["prod", false],
    ]);
    expect(await project.ok(["stack", "ls"], { env: { PULUMI_STACK: "prod" } })).toMatch(
      /^NAME .*\ndev .*\nprod\*/,
    );
  });

  it.each([
    [["stack", "select", "nope"], 6, "no stack named 'nope' found"],
    [["preview", "-s", "nope"], 6, "no stack named 'nope' found"],
    [["stack", "init", "a/b/c/d"], 1, "too many parts"],
    [["stack", "init", "a b"], 1, "a stack name may only contain"],
    [["stack", "init", "acme/dev"], 1, "organization name must be 'organization'"],
    [["stack", "init", "organization/other/dev"], 1, "doesn't match Pulumi.yaml"],
    [["stack", "init"], 1, "missing stack name"],
    [["stack", "rm", "dev", "-s", "prod"], 1, "only one of --stack or argument stack name"],
    [["stack", "rm", "prod"], 1, "non-interactive mode requires --yes flag"],
    [["stack", "output", "nope"], 1, "current stack does not have output property 'nope'"],
    [["up"], 2, "--yes or --skip-preview or --preview-only must be passed in"],
    [["destroy"], 2, "--yes or --skip-preview or --preview-only must be passed in"],
    [
      ["up", "--yes", "--parallel", "x"],
      1,
      '--parallel or PULUMI_PARALLEL is "x"; it takes a whole number from 0',
    ],
    [["up", "--yes", "--refresh=maybe"], 1, '--refresh is "maybe"; it takes: true, false'],
    [
      ["up", "--plan", "x"],
      1,
      "the flag --plan of `pulumi up` is not in the embedded engine; install Pulumi",
    ],
    [["import", "a", "b", "c"], 1, "`pulumi import` is not in the embedded engine; install Pulumi"],
    [["stack", "tag", "ls"], 1, "`pulumi stack tag` is not in the embedded engine; install Pulumi"],
    [["config", "set-all", "--plaintext", "a=b"], 1, "`pulumi config set-all` is not in the embedded engine"],
    [["config", "rm-all", "a"], 1, "`pulumi config rm-all` is not in the embedded engine; install Pulumi"],
    [["config", "env", "ls"], 1, "`pulumi config env` is not in the embedded engine; install Pulumi"],
    [["stack", "ls", "-o", "x"], 1, "the flag -o of `pulumi stack ls` is not in the embedded engine"],
  ])("%j is refused with %i", async (args, code, message) => {
    const answer = await project.run(args);
    expect(answer.err).toContain(`error: `);
    expect(answer.err).toContain(message);
    expect(answer.code).toBe(code);
  });

  it("the environment's PULUMI_PARALLEL counts where the command line says nothing", async () => {
    const env = { PULUMI_PARALLEL: "many" };
    const { code, err } = await project.run(["up", "--yes"], { env });
    expect(err).toContain('PULUMI_PARALLEL is "many"');
    expect(code).toBe(1);
    expect((await project.run(["up", "--parallel", "2"], { env })).err).toContain("--yes or --skip-preview");
  });

  it.each([
    ["s3://bucket", '"s3://bucket" (PULUMI_BACKEND_URL) is not in the embedded engine'],
    ["file://./nowhere", "it does not exist; create it with: mkdir -p"],
    ["", "no backend is chosen"],
  ])("the backend %j is refused", async (url, message) => {
    const { code, err } = await project.run(["stack", "ls"], { env: { PULUMI_BACKEND_URL: url } });
    expect(err).toContain(message);
    expect(code).toBe(1);
  });

  it("the backend comes from Pulumi.yaml, or from a login, where the environment names none", async () => {
    const env = { PULUMI_BACKEND_URL: undefined };
    await project.write("Pulumi.yaml", "name: shop\nruntime: nodejs\nbackend: {url: 'file://./.state'}\n");
    expect(await project.ok(["stack", "ls"], { env })).toContain("prod");
    await project.write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    await mkdir(path.join(project.folder, ".home"), { recursive: true });
    await project.write(
      ".home/credentials.json",
      JSON.stringify({ current: `file://${project.folder}/.state` }),
    );
    expect(await project.ok(["stack", "ls"], { env })).toContain("prod");
  });

  it("import encrypts what was in plain text; output and export show it only when told to", async () => {
    const answer = await project.run(["stack", "import"], { input: exported });
    expect(answer).toMatchObject({ code: 0, out: "Import complete.\n" });
    expect(answer.err).toContain("removing pending operation 'creating' on 'urn:pulumi:dev::shop::a:b:C::x'");
    expect(await project.read(STATE)).not.toContain("hunter2");
    expect(await project.ok(["stack", "output"])).not.toContain("hunter2");
    expect(await project.ok(["stack", "output", "url"])).toBe("https://x:8000\n");
    expect(await project.ok(["stack", "output", "count", "--json"])).toBe("2\n");
    expect(await project.ok(["stack", "output", "credentials"])).toBe("[secret]\n");
    expect(await project.ok(["stack", "output", "credentials", "--show-secrets"])).toBe(
      '{"admin":"hunter2"}\n',
    );
    expect(JSON.parse(await project.ok(["stack", "output", "--json", "--show-secrets"]))).toEqual({
      count: 2,
      credentials: { admin: "hunter2" },
      url: "https://x:8000",
    });
    const without = await project.ok(["stack", "export"]);
    expect(without).not.toContain("hunter2");
    expect(await project.ok(["stack", "export", "--show-secrets"])).toContain(
      '"plaintext": "{\\"admin\\":\\"hunter2\\"}"',
    );
    const before = (JSON.parse(await project.read(STATE)) as { checkpoint: { latest: unknown } }).checkpoint
      .latest;
    expect((JSON.parse(without) as { deployment: unknown }).deployment).toEqual(before);
  });

  it("shows its resources as a tree; what has no parent hangs on the Stack", async () => {
    const kept = await project.ok(["stack", "export"]);
    const resource = (type: string, name: string, rest: object = {}) => ({
      ...{ urn: `urn:pulumi:dev::shop::${type}::${name}`, custom: false, type, ...rest },
    });
    const root = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
    const resources = [
      resource("pulumi:pulumi:Stack", "shop-dev"),
      resource("pulumi:providers:a", "default", { custom: true, id: "1" }),
      resource("a:b:Group", "group", { parent: root }),
      resource("a:b:C", "inner", { parent: "urn:pulumi:dev::shop::a:b:Group::group" }),
      resource("a:b:C", "last", { parent: root }),
    ];
    await project.ok(["stack", "import"], {
      input: JSON.stringify({ version: 3, deployment: { resources } }),
    });
    expect(await project.ok(["stack"])).toContain(
      [
        "    TYPE                   NAME",
        "    pulumi:pulumi:Stack    shop-dev",
        "    ├─ a:b:Group           group",
        "    │  └─ a:b:C            inner",
        "    ├─ a:b:C               last",
        "    └─ pulumi:providers:a  default",
      ].join("\n"),
    );
    await project.ok(["stack", "import"], { input: kept });
  });

  it("select without a terminal takes a name, and says so as Pulumi does", async () => {
    expect(await project.run(["stack", "select"])).toMatchObject({
      code: 6,
      err: "error: no stack selected; specify a stack name with --stack\n",
    });
  });

  it("output works without a passphrase as long as no secret is shown", async () => {
    const env = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
    expect(await project.ok(["stack", "output", "url"], { env })).toBe("https://x:8000\n");
    expect(await project.run(["stack", "output", "--show-secrets"], { env })).toMatchObject({
      code: 1,
      err: "error: incorrect passphrase\n",
    });
  });

  const otherStacks = exported.replaceAll("urn:pulumi:dev", "urn:pulumi:prod");
  const needsMissing = exported.replace('"outputs":', '"parent":"urn:pulumi:dev::shop::a:b:C::y","outputs":');

  it("import refuses what is wrong, names the file and not the stack's own, and changes nothing", async () => {
    const before = await project.read(STATE);
    for (const [input, message] of [
      [otherStacks, "belongs to another stack"],
      [needsMissing, "refers to missing parent urn:pulumi:dev::shop::a:b:C::y"],
      [exported.slice(0, 200), "could not deserialize deployment"],
      [exported.replace('"version":3', '"version":9'), "newer than what the embedded engine understands"],
    ] as const) {
      await project.write("edited.json", input);
      const { code, err } = await project.run(["stack", "import", "--file", "edited.json"]);
      expect(err).toMatch(/^error: edited\.json: /);
      expect(err).toContain(message);
      expect(err).not.toMatch(/To go back|dev\.json/);
      expect(code).toBe(1);
      expect((await project.run(["stack", "import"], { input })).err).toMatch(/^error: standard input: /);
    }
    expect(await project.read(STATE)).toBe(before);
  });

  it("import --force takes what is wrong all the same, and says what it is", async () => {
    for (const [input, message] of [
      [
        needsMissing,
        "warning: child resource urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev refers to missing",
      ],
      [
        otherStacks,
        "warning: resource urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-dev belongs to another",
      ],
    ] as const) {
      const { code, err } = await project.run(["stack", "import", "--force"], { input });
      expect(err).toContain(message);
      expect(code).toBe(0);
      // A run does not build on it.
      expect((await project.run(["preview"])).out + (await project.run(["preview"])).err).toContain(
        "cannot use the state",
      );
    }
    await project.ok(["stack", "import"], { input: exported });
  });

  it("import takes a deployment that tells neither who made it nor when", async () => {
    await project.ok(["stack", "import"], { input: '{"version":3,"deployment":{}}' });
    expect(await project.ok(["stack", "output"])).toContain("(0)");
    await project.ok(["stack", "import"], { input: exported });
  });

  it("a held lock keeps `up` out and names its holder; `cancel` frees the stack", async () => {
    const locks = path.join(project.folder, ".state/.pulumi/locks/organization/shop/dev");
    await mkdir(locks, { recursive: true });
    const holder = {
      pid: 1,
      username: "eve",
      hostname: `not-${os.hostname()}`,
      timestamp: "2026-01-01T00:00:00Z",
    };
    await writeFile(path.join(locks, "x.json"), JSON.stringify(holder));
    const { code, err } = await project.run(["up", "--yes"]);
    expect(err).toContain("the stack is currently locked by 1 lock(s)");
    expect(err).toContain(`created by eve@not-${os.hostname()} (pid 1)`);
    expect(code).toBe(1);
    expect(await project.ok(["cancel", "--yes"])).toContain("has been canceled!");
    expect(await readdir(locks)).toEqual([]);
  });

  it("rm refuses a stack with resources, takes an empty one away with its settings, and forgets the selection", async () => {
    await project.ok(["stack", "import"], {
      input: exported
        .replace(/"pending_operations":.*?\],/, "")
        .replace(
          '"resources":[',
          '"resources":[{"urn":"urn:pulumi:dev::shop::a:b:C::x","custom":false,"type":"a:b:C"},',
        ),
    });
    expect((await project.run(["stack", "rm", "dev", "--yes"])).err).toContain(
      "'dev' still has resources; removal rejected",
    );
    await project.ok(["stack", "rm", "dev", "--yes", "--force"]);
    await expect(project.read("Pulumi.dev.yaml")).rejects.toThrow("ENOENT");
    expect(await project.run(["stack"])).toMatchObject({ code: 1, err: /no stack selected/ });
    await project.ok(["stack", "rm", "prod", "--yes", "--preserve-config"]);
    expect(await project.read("Pulumi.prod.yaml")).toContain("encryptionsalt");
  });
});
