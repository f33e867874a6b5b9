import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Stubs, all, run, type Result } from "../scripts/run";

const PULLED = `sha256:${"a".repeat(64)}`;
const BUILT = `sha256:${"b".repeat(64)}`;
const UNREACHABLE =
  'echo "Error response from daemon: Get \\"https://registry.test/v2/\\": dial tcp: lookup registry.test: no such host" >&2; exit 1';
const BASICS =
  "sh cat cut sed grep head tail dirname basename sha256sum mktemp rm mkdir mv find tee date sleep kill uname flock tar chmod";

let machine: Stubs;
/** What the stub engine has: files named after the references, with an id each. */
let engine: string;

beforeEach(() => {
  machine = new Stubs(BASICS.split(" "));
  machine.file("engine/.keep");
  engine = join(machine.path, "engine");
  dockerWith({ pull: UNREACHABLE, load: `echo ${BUILT} >"${engine}/built"` });
});
afterEach(() => machine.dispose());

/** An engine in shell: inspect knows `engine/pulled` and `engine/built`, pull and load do as told. */
function dockerWith(verbs: { pull: string; load: string }): void {
  machine.stub(
    "docker",
    `case "$1" in
      image) shift 4; code=0
        for name; do
          case $name in private-registry/*) file=${engine}/built;; *) file=${engine}/pulled;; esac
          if [ -f $file ]; then cat $file; else echo "Error: No such image: $name" >&2; code=1; fi
        done; exit $code;;
      version) echo amd64;;
      pull) ${verbs.pull};;
      load) ${verbs.load};;
    esac`,
  );
}

function image(script: "provide" | "find", env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run(`images/${script}.sh`, [], {
    env: {
      PATH: machine.PATH,
      HOME: machine.path,
      IMAGE: "gateway",
      REFERENCE: "registry.test/nginx:1",
      ...env,
    },
  });
}

const calls = (): string => readFileSync(machine.log, "utf8");
const cache = (): string => join(machine.path, ".cache/private-registry");

/** Puts an archive where a build before would have put it. */
async function cached(): Promise<void> {
  await image("find", { MODE: "build" });
  const name = /private-registry\/gateway:(\S+)/.exec(calls())?.[1] ?? "";
  expect(name).not.toBe("");
  machine.file(`.cache/private-registry/gateway-${name}-amd64.tar`, "archive");
}

describe("an image that is there", () => {
  test.each([
    ["auto", "pulled", PULLED],
    ["auto", "built", BUILT],
    ["pull", "pulled", PULLED],
    ["build", "built", BUILT],
  ])("mode %s uses the %s one and does nothing", async (MODE, kind, id) => {
    machine.file(`engine/${kind}`, `${id}\n`);
    for (const script of ["provide", "find"] as const) {
      expect(all(await image(script, { MODE }))).toBe(`${id}\n(exit code 0)`);
    }
    expect(calls()).not.toMatch(/docker (pull|load|version)/);
  });

  test("find prints an empty line where there is none, and each mode looks for its own", async () => {
    expect(all(await image("find"))).toBe("\n(exit code 0)");
    machine.file("engine/built", BUILT);
    expect(all(await image("find", { MODE: "pull" }))).toBe("\n(exit code 0)");
  });

  test("find asks the engine once", async () => {
    await image("find");
    expect(calls().trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("an image that is not there", () => {
  test("is pulled where its registry answers", async () => {
    dockerWith({ pull: `echo "1: Pulling from nginx"; echo ${PULLED} >${engine}/pulled`, load: "exit 1" });
    const result = await image("provide");
    expect(result.stdout).toBe(`${PULLED}\n`);
    expect(result.code).toBe(0);
    expect(calls()).toContain("docker pull registry.test/nginx:1");
  });

  test("is built where the registry cannot be reached, and says why", async () => {
    await cached();
    const result = await image("provide");
    expect(result.stdout).toBe(`${BUILT}\n`);
    expect(result.stderr).toContain("no such host); building instead");
  });

  test("is built when the registry takes the connection and says nothing", async () => {
    await cached();
    dockerWith({ pull: "exec sleep 60", load: `echo ${BUILT} >${engine}/built` });
    const started = Date.now();
    const result = await image("provide", { ANSWER_SECONDS: "1" });
    expect(result.stdout).toBe(`${BUILT}\n`);
    expect(result.stderr).toContain("no answer within 1 seconds");
    expect(Date.now() - started).toBeLessThan(5000);
  });

  test("is built at once in mode build: nothing is asked of a registry", async () => {
    await cached();
    expect((await image("provide", { MODE: "build" })).stdout).toBe(`${BUILT}\n`);
    expect(calls()).not.toContain("docker pull");
  });

  test("is built once by two runs at the same time", async () => {
    await cached();
    dockerWith({ pull: UNREACHABLE, load: `sleep 1; echo ${BUILT} >${engine}/built` });
    const both = await Promise.all([image("provide"), image("provide")]);
    expect(both.map((result) => result.stdout)).toEqual([`${BUILT}\n`, `${BUILT}\n`]);
    expect(calls().match(/docker load/g)).toHaveLength(1);
    expect(both.map((result) => result.stderr).join("")).toContain(
      "another run is building the gateway image",
    );
  });
});

describe("an image that can neither be pulled nor built", () => {
  test("says what was tried each way, why it failed, and what to do", async () => {
    const result = await image("provide", { DOCKER_HOST: "ssh://root@build7" });
    expect(result.code).toBe(1);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain(
      "is not on the Docker engine at ssh://root@build7, and could not be put there",
    );
    expect(result.stderr).toContain(
      "present: not there: registry.test/nginx:1 nor private-registry/gateway:nginx-",
    );
    expect(result.stderr).toContain("pull: its registry cannot be reached: ");
    expect(result.stderr).toMatch(
      /build: build\.sh: building needs Debian or Ubuntu; this is .*\(no apt-get\)/,
    );
    expect(result.stderr).toContain("docker load --input FILE");
    expect(result.stderr).toContain("private-registry:images");
    expect(readdirSync(cache()).filter((name) => name.startsWith("work-"))).toEqual([]);
  });

  test("mode pull does not build, and gives the registry's own words", async () => {
    dockerWith({
      pull: 'echo "Error response from daemon: pull access denied for nginx" >&2; exit 1',
      load: "exit 1",
    });
    const result = await image("provide", { MODE: "pull" });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("pull: Error response from daemon: pull access denied for nginx");
    expect(result.stderr).toContain("build: not tried");
    expect(existsSync(cache())).toBe(false);
  });

  test("an archive that the engine does not take is named", async () => {
    await cached();
    dockerWith({ pull: UNREACHABLE, load: 'echo "no space left on device" >&2; exit 1' });
    const result = await image("provide");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/build: made .*\.tar, but docker load failed: no space left on device/);
  });
});

describe("refuses", () => {
  test.each([
    ["an unknown image", { IMAGE: "redis" }, 'IMAGE is "redis"; it takes: registry, gateway'],
    ["an unknown mode", { MODE: "fetch" }, 'MODE is "fetch"; it takes: auto, pull, build'],
    ["an option for a reference", { REFERENCE: "--all" }, 'REFERENCE is "--all"'],
    ["a shell in a reference", { REFERENCE: "a;id" }, 'REFERENCE is "a;id"'],
  ])("%s", async (_what, env, message) => {
    for (const script of ["provide", "find"] as const) {
      const result = await image(script, env);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(message);
    }
    expect(calls()).toBe("");
  });

  test("an engine that does not answer is an error, not a missing image", async () => {
    machine.stub("docker", 'echo "Cannot connect to the Docker daemon at unix:///x.sock" >&2; exit 1');
    const result = await image("find", { DOCKER_HOST: "unix:///x.sock" });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "the Docker engine at unix:///x.sock did not answer as expected: Cannot connect",
    );
  });
});
