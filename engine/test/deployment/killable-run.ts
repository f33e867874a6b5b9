import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runDeployment } from "../../src/deployment/run";
import type { DeploymentSummary } from "../../src/deployment/request";
import type { EngineEvent } from "../../src/deployment/events";
import { SymmetricCrypter } from "../../src/secrets/crypter";
import { PassphraseSecrets, type SecretsManager } from "../../src/secrets/passphrase";
import { FileBackend, type StackName } from "../../src/state/file-backend";
import type { PropertyMap } from "../../src/values/value";
import { starter, type TestProgram } from "./harness";
import { World } from "./test-provider";

export const name: StackName = { project: "project", stack: "dev" };

export type Step = "create" | "change" | "remove" | "destroy";

/** Replacement either way round with what depends on it, an update, a removal, secrets aside. */
const program =
  (step: Step) =>
  async ({ thing, outputs }: TestProgram): Promise<void> => {
    const key = step === "create" ? "a" : "b";
    const root = await thing("root", { key, deleteFirst: true });
    const keyed = await thing("keyed", { key: root.outputs["serial"] ?? null }, { from: { key: root } });
    const side = await thing("side", { key });
    await thing("leaf", { value: keyed.outputs["serial"] ?? null, key: "k" }, { from: { value: keyed } });
    if (step !== "remove") await thing("leaver", {}, { dependencies: [side.urn] });
    await outputs({ serial: root.outputs["serial"] ?? null });
  };

/** No key is derived in each of many processes: what it protects is not what these tests are about. */
const crypter = new SymmetricCrypter(Buffer.alloc(32, 1));
export const manager: SecretsManager = {
  salt: "v1:test",
  encrypt: (text) => crypter.encrypt(text),
  decrypt: (text) => crypter.decrypt(text),
};
const secrets = new PassphraseSecrets(() => Promise.reject(new Error("there is no passphrase")));

/** What the things are, on disk: as it survives the engine. */
export interface DiskWorld {
  readonly serial: number;
  readonly things: Readonly<Record<string, PropertyMap>>;
  readonly owners: Readonly<Record<string, string>>;
}
export const worldFile = (folder: string): string => path.join(folder, "world.json");
export const readWorld = (folder: string): DiskWorld =>
  JSON.parse(readFileSync(worldFile(folder), "utf8")) as DiskWorld;

export interface Run {
  readonly summary: DeploymentSummary;
  readonly events: readonly EngineEvent[];
}

/** One run on a state in a folder. `point` is called wherever a kill makes a difference. */
export async function runIn(folder: string, step: Step, point: () => void = () => undefined): Promise<Run> {
  const world = loadWorld(folder, point);
  const backend = await FileBackend.open(folder);
  const store = backend.store(name, manager, secrets);
  const save = store.save.bind(store);
  store.save = async (snapshot) => {
    point();
    await save(snapshot);
    point();
  };
  const events: EngineEvent[] = [];
  const lock = await store.lock();
  const summary = await runDeployment(
    {
      kind: step === "destroy" ? "destroy" : "update",
      dryRun: false,
      store,
      ...name,
      organization: "organization",
      programDirectory: "/nowhere",
      entry: ".",
      runtimeOptions: {},
      config: {},
      options: {},
      sink: (event) => events.push(event),
      cancel: new AbortController().signal,
      terminate: new AbortController().signal,
      providers: { test: world.provider },
    },
    starter(program(step)),
  );
  await lock.release();
  return { summary, events };
}

function loadWorld(folder: string, point: () => void): World {
  const world = new World();
  const { serial, things, owners } = readWorld(folder);
  let latest = serial;
  for (const [id, inputs] of Object.entries(things)) world.things.set(id, inputs);
  for (const [id, urn] of Object.entries(owners)) world.owners.set(id, urn);
  world.startAt(serial);
  world.witness = (when) => {
    if (when === "after") {
      for (const id of world.things.keys()) latest = Math.max(latest, Number(id.slice("id-".length)));
      const [all, made] = [world.things, world.owners].map((map) => Object.fromEntries<unknown>(map));
      const content = { serial: latest, things: all, owners: made };
      writeFileSync(worldFile(folder), JSON.stringify(content));
    }
    point();
  };
  return world;
}

// As a process of its own: `node --import tsx killable-run.ts FOLDER STEP POINT`, which ends itself at that point.
const [, script, folder, step, killAt] = process.argv;
if (script === import.meta.filename && folder !== undefined && step !== undefined) {
  let passed = 0;
  await runIn(folder, step as Step, () => {
    passed += 1;
    if (passed === Number(killAt)) process.kill(process.pid, "SIGKILL");
  });
  process.stdout.write(`${passed}\n`);
}
