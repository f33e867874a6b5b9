import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineEvent } from "../../src/deployment/events";
import type { DeploymentRequest } from "../../src/deployment/request";
import { runDeployment } from "../../src/deployment/run";
import { Secret } from "../../src/values/value";
import { MemoryStore } from "./memory-store";
import { World } from "./test-provider";

const programs = join(import.meta.dirname, "..", "programs");

let store: MemoryStore;
let world: World;
let events: EngineEvent[];

beforeAll(() => {
  // Types are checked by tsc; without that each program starts in a third of the time.
  vi.stubEnv("PULUMI_NODEJS_TRANSPILE_ONLY", "true");
});

beforeEach(() => {
  store = new MemoryStore();
  world = new World();
});

function run(program: string, overrides: Partial<DeploymentRequest> = {}) {
  events = [];
  return runDeployment({
    kind: "update",
    dryRun: false,
    store,
    project: program,
    stack: "dev",
    organization: "organization",
    programDirectory: join(programs, program),
    entry: ".",
    runtimeOptions: { typescript: true },
    config: {
      [`${program}:word`]: { value: "hello", secret: false },
      [`${program}:password`]: { value: "correct horse", secret: true },
    },
    options: {},
    sink: (event) => events.push(event),
    cancel: new AbortController().signal,
    terminate: new AbortController().signal,
    providers: { test: world.provider },
    ...overrides,
  });
}

const messages = (severity: string): string[] =>
  events.flatMap((event) =>
    event.kind === "diagnostic" && event.severity === severity ? [event.message] : [],
  );

describe("a real program on the real SDK", () => {
  it("is previewed, brought up, left alone and destroyed", async () => {
    const preview = await run("basic", { dryRun: true });
    expect(messages("error")).toEqual([]);
    expect(preview.resourceChanges).toEqual({ create: 6 });

    const up = await run("basic");
    expect(messages("error")).toEqual([]);
    expect(up.result).toBe("succeeded");
    expect(up.outputs).toEqual({
      serial: "after 1",
      inner: "inside",
      password: new Secret("correct horse"),
      echoed: "hello",
    });
    expect(messages("info")).toContain("a line of the program");
    expect(messages("info")).toContain("a message of the program");
    const first = store.current.resources.find(({ urn }) => urn.endsWith("::first"));
    expect(first?.inputs).toEqual({ value: "hello", password: new Secret("correct horse") });

    const writes = store.saved.length;
    const again = await run("basic");
    expect(again.resourceChanges).toEqual({ same: 6 });
    expect(store.saved.length).toBe(writes + 1);

    const destroyed = await run("basic", { kind: "destroy" });
    expect(destroyed.resourceChanges).toEqual({ delete: 6 });
    expect(store.current.resources).toEqual([]);
  });

  it("with transforms: a resource's own, then its component's, then the stack's", async () => {
    const { result } = await run("transforms");
    expect(messages("error")).toEqual([]);
    expect(result).toBe("succeeded");
    const states = new Map(store.current.resources.map((state) => [state.urn.split("::").at(-1), state]));
    const values = ["first", "inner", "last"].map((name) => states.get(name)?.inputs["value"]);
    expect(values).toEqual([
      "first stack",
      "inner own group stack",
      expect.stringMatching(/^\d+ own stack$/),
    ]);
    expect(states.get("inner")).toMatchObject({ protect: true, additionalSecretOutputs: ["value"] });
    expect(states.get("inner")?.outputs["value"]).toBeInstanceOf(Secret);
    expect(states.get("last")?.dependencies).toEqual([states.get("first")?.urn]);
  });

  it("with a thread of its own, and a function that is written down", async () => {
    const { result, outputs } = await run("modern");
    expect(messages("error")).toEqual([]);
    expect(result).toBe("succeeded");
    const { text, ...rest } = outputs;
    expect(rest).toEqual({ answer: 42, entry: "handler", loaders: [] });
    expect(text).toMatch(/with\(\{ factor: 7/);
    expect(text).toContain("factor * value");
  });

  it("that throws: its error, and outputs and resources stay", async () => {
    const failed = await run("throws");
    expect(failed.result).toBe("failed");
    expect(messages("error")).toEqual([expect.stringContaining("the program has failed")]);
  });

  it("that logs an error, and goes on, is carried out: the error is a message like any other", async () => {
    for (const [word, counts] of [
      ["one", { create: 2 }],
      ["two", { update: 1, same: 1 }],
    ] as const) {
      const config = { "logs-error:word": { value: word, secret: false } };
      const { result, resourceChanges, outputs } = await run("logs-error", { config });
      expect(messages("error")).toEqual(["something is odd"]);
      expect(result).toBe("succeeded");
      expect(resourceChanges).toEqual(counts);
      expect(outputs).toEqual({ serial: 1, word });
    }
  });

  it("that ends with an error it has logged: nothing is deleted, and the outputs it has told are recorded", async () => {
    await run("fails-late");
    const config = { "fails-late:word": { value: "bad", secret: false } };
    const failed = await run("fails-late", { config });
    expect(failed.result).toBe("failed");
    expect(messages("error")[0]).toBe("something is bad");
    expect(failed.outputs).toEqual({ word: "bad" });
    const root = store.current.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    expect(root?.outputs).toEqual({ word: "bad" });
    expect(world.things.size).toBe(2);
  });

  it("that exits early deletes nothing", async () => {
    await run("basic");
    const { resources } = store.current;
    const failed = await run("exits");
    expect(failed.result).toBe("failed");
    expect(messages("error")[0]).toContain("before it had declared all of its resources");
    const kept = store.current.resources.filter(({ urn }) => urn.includes("::basic::"));
    expect(kept).toHaveLength(resources.length);
  });

  it("that registers a URN twice", async () => {
    const failed = await run("twice");
    expect(failed.result).toBe("failed");
    expect(messages("error")[0]).toContain("Duplicate resource URN");
  });

  it("with a type the engine does not know", async () => {
    const failed = await run("unknown-type");
    expect(failed.result).toBe("failed");
    expect(messages("error")[0]).toMatch(
      /does not know the resource type test:index:Missing.*Install Pulumi/,
    );
  });

  it("that does not end when it is interrupted is killed", async () => {
    const cancel = new AbortController();
    const running = run("never-ends", { cancel: cancel.signal });
    await vi.waitFor(() => expect(world.things.size).toBe(1), { timeout: 30_000 });
    const started = Date.now();
    cancel.abort();
    const canceled = await running;
    expect(canceled.result).toBe("canceled");
    expect(messages("info")).toContain("I will not go");
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(store.current.pendingOperations).toEqual([]);
  });
});
