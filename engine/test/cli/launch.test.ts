import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import module from "node:module";
import path from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { TestProject } from "./cli";

/** The program is launched before the stack is opened. It leaves a mark when any of it runs. */
let project: TestProject;

beforeAll(async () => {
  project = await TestProject.make();
  await project.write("package.json", '{"name": "shop", "main": "index.js"}');
  await project.write("index.js", 'require("node:fs").appendFileSync("ran", "x");');
  await project.ok(["stack", "init", "dev"]);
  // Nobody writes to it: the passphrase does not come.
  execFileSync("mkfifo", [path.join(project.folder, "passphrase")]);
  return () => {
    rmSync(project.folder, { recursive: true });
  };
});

const waits = { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: "passphrase" };
const hasRun = (): boolean => readdirSync(project.folder).includes("ran");

/** Processes of the SDK's runner for this project. */
function launched(): readonly string[] {
  return readdirSync("/proc").filter((id) => {
    try {
      const line = readFileSync(`/proc/${id}/cmdline`, "latin1").split("\0");
      return line.includes(project.folder) && line.some((word) => word.endsWith(path.join("cmd", "run")));
    } catch {
      return false;
    }
  });
}

test.each(["SIGKILL", "SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s while the passphrase is awaited leaves no process behind, and nothing of the program has run",
  async (signal) => {
    const engine = project.start(["up", "--yes"], { env: waits });
    const closed = once(engine, "close");
    await vi.waitFor(() => expect(launched()).toHaveLength(1), { timeout: 10_000 });
    engine.kill(signal);
    await closed;
    await vi.waitFor(() => expect(launched()).toEqual([]), { timeout: 10_000 });
    expect(hasRun()).toBe(false);
  },
);

test("what ends a command before the program runs ends its process, too", async () => {
  const wrong = await project.run(["up", "--yes"], { env: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
  expect(wrong.err).toContain("incorrect passphrase");
  expect(launched()).toEqual([]);
  const locks = path.join(project.folder, ".state/.pulumi/locks/organization/shop/dev");
  execFileSync("mkdir", ["-p", locks]);
  await project.write(
    path.relative(project.folder, path.join(locks, "x.json")),
    `{"pid":1,"username":"a","hostname":"elsewhere","timestamp":"2026-01-01T00:00:00Z"}`,
  );
  const locked = await project.run(["up", "--yes", "--skip-preview"]);
  rmSync(locks, { recursive: true });
  expect(locked.err).toContain("locked");
  expect(launched()).toEqual([]);
  expect([wrong.code, locked.code, hasRun()]).toEqual([1, 1, false]);
});

test("each run of an update has its own process, and none is left", async () => {
  await project.ok(["up", "--yes"]);
  expect(await project.read("ran")).toBe("xx");
  expect(launched()).toEqual([]);
});

test.skipIf(!("enableCompileCache" in module))(
  "compiled code of the engine and of what programs load is kept (Node 22.1 or later)",
  async () => {
    await project.ok(["preview"]);
    const bundles = path.join(import.meta.dirname, "../../node_modules/.cache/bundle");
    const kept = readdirSync(bundles, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.includes(`${path.sep}compiled${path.sep}`),
    );
    // The engine has some ten modules in its bundle, the SDK hundreds.
    expect(kept.length).toBeGreaterThan(100);
  },
);
