import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawn, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it, test, vi } from "vitest";
import { TestProject } from "./cli";

const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };

/** `first` takes as many seconds as the file `pause` says, and notes its shell and its end; `second` needs it. */
const program = `import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const first = new command.local.Command("first", { create: "echo $$ >shell; sleep $(cat pause); touch ended", environment: { RUN: config.require("run") }, update: "true" });
new command.local.Command("second", { create: "touch second", delete: "rm second" }, { dependsOn: [first] });
`;

async function projectWith(run: string, pause = 0): Promise<TestProject> {
  const project = await TestProject.make();
  await project.write("pause", String(pause));
  await project.write("index.ts", program);
  await project.write("package.json", '{"name": "shop", "main": "index.ts"}');
  await project.write(
    "tsconfig.json",
    '{"compilerOptions": {"module": "commonjs", "moduleResolution": "node", "target": "es2022"}}',
  );
  await project.ok(["stack", "init", "dev"]);
  await project.ok(["config", "set", "run", run]);
  return project;
}

interface State {
  readonly checkpoint: {
    readonly latest: {
      readonly resources?: readonly { readonly urn: string }[];
      readonly pending_operations?: readonly { readonly resource: { readonly urn: string } }[];
    };
  };
}

/** The names of the commands the state has, and of those it says are under way. */
async function stateOf(project: TestProject): Promise<{ resources: string[]; pending: string[] }> {
  const { latest } = (JSON.parse(await project.read(".state/.pulumi/stacks/shop/dev.json")) as State)
    .checkpoint;
  const names = (urns: readonly string[]): string[] =>
    urns.filter((urn) => urn.includes("::command:local:")).map((urn) => urn.slice(urn.lastIndexOf("::") + 2));
  return {
    resources: names((latest.resources ?? []).map(({ urn }) => urn)),
    pending: names((latest.pending_operations ?? []).map(({ resource }) => resource.urn)),
  };
}

/** Brings the stack up and sends so many SIGINTs while `first` is under way. */
async function interrupted(
  project: TestProject,
  times: number,
): Promise<{ code: number | null; err: string }> {
  const child = project.start(["up", "--yes", "--skip-preview"], { env });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.resume();
  const closed = once(child, "close");
  while (!(await stateOf(project)).pending.includes("first")) await sleep(50);
  for (let time = 0; time < times; time++) {
    child.kill("SIGINT");
    await sleep(200);
  }
  const [code] = (await closed) as [number | null];
  return { code, err };
}

describe("^C", () => {
  it("once: what is under way is finished and recorded, nothing new begins", async () => {
    const project = await projectWith("1", 2);
    const { code, err } = await interrupted(project, 1);
    expect(code).toBe(8);
    expect(err).toContain(
      "^C received; cancelling. If you would like to terminate immediately, press ^C again.",
    );
    expect(existsSync(path.join(project.folder, "ended"))).toBe(true);
    expect(existsSync(path.join(project.folder, "second"))).toBe(false);
    expect(await stateOf(project)).toEqual({ resources: ["first"], pending: [] });
    await project.ok(["up", "--yes", "--skip-preview"], { env });
    expect((await stateOf(project)).resources).toEqual(["first", "second"]);
  }, 120_000);

  it("twice: what is under way is ended and stays on record, and the lock is gone", async () => {
    const project = await projectWith("1", 60);
    const { code } = await interrupted(project, 2);
    expect(code).not.toBe(0);
    expect(await stateOf(project)).toEqual({ resources: [], pending: ["first"] });
    const shell = Number(await project.read("shell"));
    expect(() => process.kill(shell, 0)).toThrow("ESRCH");
    expect(existsSync(path.join(project.folder, "ended"))).toBe(false);
    await project.write("pause", "0");
    expect(await project.ok(["up", "--yes", "--skip-preview"], { env })).toContain(
      "first: the last run ended while this was being created",
    );
  }, 120_000);
});

it("killed: the program ends with its engine", async () => {
  const project = await projectWith("1", 60);
  const child = project.start(["up", "--yes", "--skip-preview"], { env });
  child.stdout.resume();
  while (!(await stateOf(project)).pending.includes("first")) await sleep(50);
  const programs = (): string =>
    spawnSync("pgrep", ["--full", `cmd/run .*${project.folder} `], { encoding: "utf8" }).stdout;
  expect(programs()).not.toBe("");
  child.kill("SIGKILL");
  while (!existsSync(path.join(project.folder, "shell"))) await sleep(50);
  process.kill(-Number(await project.read("shell")), "SIGKILL");
  await vi.waitFor(() => expect(programs()).toBe(""), { timeout: 30_000 });
}, 60_000);

describe("config refresh", () => {
  it("brings the settings of the last run back, secrets still encrypted, and keeps the file there was", async () => {
    const project = await projectWith("1");
    await project.ok(["config", "set", "--secret", "word", "hunter2"]);
    await project.ok(["config", "set", "--path", "list[0].name", "a"]);
    expect(await project.run(["config", "refresh"])).toMatchObject({ code: 1 });
    await project.ok(["up", "--yes", "--skip-preview"], { env });
    const before = await project.ok(["config", "--json", "--show-secrets"]);
    for (const key of ["word", "list"]) await project.ok(["config", "rm", key]);
    expect(await project.ok(["config", "refresh"])).toMatch(
      /backed up existing configuration file to .*\.bak\n/,
    );
    expect(await project.ok(["config", "--json", "--show-secrets"])).toBe(before);
    expect(await project.read("Pulumi.dev.yaml")).not.toContain("hunter2");
    expect(await project.read("Pulumi.dev.yaml.bak")).not.toContain("word");
  }, 60_000);
});

test("in a pipe there are no colours, whatever a CI service or another tool says", async () => {
  const project = await projectWith("1");
  const told = { ...env, CI: "true", FORCE_COLOR: "1" };
  expect(await project.ok(["preview"], { env: told })).not.toContain("\u001b");
}, 60_000);

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.skipIf(!hasScript)("on a terminal (skipped without `script`)", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await projectWith("1");
  });

  /** Runs `up` on a pseudo-terminal and types each answer when the question has come. */
  async function upWith(answers: readonly string[]): Promise<{ code: number | null; out: string }> {
    const main = path.resolve(import.meta.dirname, "../../bin/pulumi.mjs");
    const command = `${process.execPath} ${main} -C ${project.folder} up`;
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      env: { ...process.env, ...project.environment(), ...env, CI: "" },
    });
    let out = "";
    const waiting = [...answers];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const asked = out.split("Do you want to perform this update?").length - 1;
      if (asked > answers.length - waiting.length) child.stdin.write(`${waiting.shift() ?? "n"}\r`);
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out };
  }

  it("asks after the preview, shows details, and does nothing without a yes", async () => {
    const { code, out } = await upWith(["d", "n"]);
    expect(out).toContain("Previewing update (dev)");
    expect(out).toContain("+ command:local:Command: (create)");
    expect(out).toContain("confirmation declined, not proceeding with the update");
    expect(code).toBe(1);
    expect((await stateOf(project)).resources).toEqual([]);
  }, 60_000);

  it("goes on with a yes", async () => {
    expect((await upWith(["y"])).code).toBe(0);
    expect((await stateOf(project)).resources).toEqual(["first", "second"]);
  }, 60_000);
});
