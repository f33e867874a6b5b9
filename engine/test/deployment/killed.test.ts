import { spawnSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { integrityFaults } from "../../src/state/integrity";
import { FileBackend } from "../../src/state/file-backend";
import { Ciphertexts } from "../../src/secrets/ciphertexts";
import { decodeSnapshot } from "../../src/state/checkpoint";
import type { Snapshot } from "../../src/state/resource";
import { manager, name, readWorld, runIn, worldFile, type Step } from "./killable-run";

const folder = mkdtempSync(path.join(tmpdir(), "killed-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(bundle, { recursive: true, force: true });
});

/** Bundled: each of many processes starts in a fraction of the time. */
const bundle = path.resolve(import.meta.dirname, `../../node_modules/.cache/killable-${process.pid}`);
const script = path.join(bundle, "killable-run.js");
beforeAll(async () => {
  await build({
    entryPoints: [path.join(import.meta.dirname, "killable-run.ts")],
    outdir: bundle,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
});
const steps: readonly Step[] = ["create", "change", "remove", "destroy"];

/** A stack as it is before `step`. */
async function before(step: Step): Promise<string> {
  const target = path.join(folder, step);
  const position = steps.indexOf(step);
  const previous = position > 0 ? path.join(folder, `${steps[position - 1] ?? ""}-done`) : undefined;
  if (previous === undefined) {
    spawnSync("mkdir", ["-p", target]);
    writeFileSync(worldFile(target), JSON.stringify({ serial: 0, things: {}, owners: {} }));
    await (await FileBackend.open(target)).create(name, manager);
  } else cpSync(previous, target, { recursive: true });
  return target;
}

async function stateIn(target: string): Promise<Snapshot> {
  const deployment = await (await FileBackend.open(target)).deployment(name);
  if (deployment === undefined) throw new Error("there is no state");
  return decodeSnapshot(deployment, new Ciphertexts(manager));
}

/** Runs `step` in a process that is killed at `point`; the number of points it passed when it was not. */
async function kill(target: string, step: Step, point: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [script, target, step, String(point)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal === "SIGKILL") return undefined;
  expect(code).toBe(0);
  return Number(out);
}

const last = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

describe.each(steps)("%s", (step) => {
  it("killed at any point leaves a valid state that knows of everything, and the next run goes on", async () => {
    const start = await before(step);
    const done = `${start}-done`;
    cpSync(start, done, { recursive: true });
    const total = (await kill(done, step, 0)) ?? 0;
    expect(total).toBeGreaterThan(5);
    const points = Array.from({ length: total }, (_, index) => index + 1);
    const workers = Array.from({ length: 3 }, async () => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) {
        const target = `${start}-${point}`;
        cpSync(start, target, { recursive: true });
        expect(await kill(target, step, point)).toBeUndefined();
        await expectToGoOn(target, step);
        rmSync(target, { recursive: true });
      }
    });
    await Promise.all(workers);
  }, 300_000);
});

async function expectToGoOn(target: string, step: Step): Promise<void> {
  const state = await stateIn(target);
  expect(integrityFaults(state)).toEqual([]);
  const pending = state.pendingOperations.map(({ type, resource }) => `${type} ${last(resource.urn)}`);
  const known = new Set(state.resources.map(({ id }) => id));
  // Nothing is forgotten: what exists is in the state, or was being created.
  const unknown = Object.keys(readWorld(target).things).filter((id) => !known.has(id));
  const creating = state.pendingOperations.filter(({ type }) => type === "creating");
  expect(unknown.length, pending.join()).toBeLessThanOrEqual(creating.length);

  const { summary, events } = await runIn(target, step);
  expect(summary.result).toBe("succeeded");
  const told = events.flatMap((event) => (event.kind === "diagnostic" ? [event.message] : [])).join("\n");
  for (const id of unknown) expect(told).toContain(`removed ${id}`);

  // Nothing is there twice, and nothing is left over.
  const after = await stateIn(target);
  const things = Object.keys(readWorld(target).things);
  const managed = after.resources.flatMap(({ id, type }) => (type === "test:index:Thing" ? [id] : []));
  expect(things.sort()).toEqual(managed.sort());
  expect(after.pendingOperations).toEqual([]);
  const again = await runIn(target, step);
  const changes = Object.keys(again.summary.resourceChanges);
  expect(changes).toEqual(step === "destroy" ? [] : ["same"]);
}
