import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { EngineEvent } from "../../src/deployment/events";
import { runDeployment } from "../../src/deployment/run";
import { loadProject } from "../../src/project/project";
import { decryptConfig } from "../../src/project/stack-configuration";
import { StackFile } from "../../src/project/stack-file";
import { Ciphertexts } from "../../src/secrets/ciphertexts";
import { PassphraseSecrets } from "../../src/secrets/passphrase";
import { decodeSnapshot, parseDeployment } from "../../src/state/checkpoint";
import { emptySnapshot, type Snapshot } from "../../src/state/resource";
import { previewDigest } from "../../src/display/preview-json";
import { golden } from "../state/golden";
import { MemoryStore } from "../deployment/memory-store";

export interface Digest {
  readonly config: Readonly<Record<string, string>>;
  readonly steps: readonly DigestStep[];
  readonly changeSummary: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly message: string }[];
}

export interface DigestStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: Readonly<Record<string, unknown>>;
  readonly newState?: Readonly<Record<string, unknown>>;
}

const secrets = new PassphraseSecrets(() => Promise.resolve("golden"));

/** The state the real Pulumi left after a step (`1-create`). */
export async function recordedState(step: string): Promise<Snapshot> {
  const { deployment } = await json<{ deployment: unknown }>(`runs/${step}.state.json`);
  const parsed = parseDeployment(deployment);
  return decodeSnapshot(parsed, new Ciphertexts(await secrets.open(parsed.salt ?? "")));
}

export const recordedPreview = (run: string): Promise<Digest> => json<Digest>(`runs/${run}.preview.json`);

/** What this engine previews for the golden program at a step, from a state the real one has left. */
export async function previewGolden(step: number, from: string | undefined): Promise<Digest> {
  const directory = await copyOfProgram();
  const project = await loadProject(directory);
  const file = await StackFile.load(project, "dev");
  const manager = await secrets.open(file.salt() ?? "");
  const recorded = decryptConfig(project, "dev", file.config(), (text) => manager.decrypt(text));
  const config = { ...recorded, "golden:step": { value: String(step), secret: false } };
  const events: EngineEvent[] = [];
  await runDeployment({
    kind: "update",
    dryRun: true,
    store: new MemoryStore(from === undefined ? emptySnapshot : await recordedState(from)),
    project: "golden",
    stack: "dev",
    organization: "organization",
    programDirectory: directory,
    entry: ".",
    runtimeOptions: {},
    config,
    options: {},
    sink: (event) => events.push(event),
    cancel: new AbortController().signal,
    terminate: new AbortController().signal,
  });
  return JSON.parse(JSON.stringify(previewDigest(events))) as Digest;
}

async function copyOfProgram(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "golden-program-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(golden("program"), directory, { recursive: true });
  await symlink(resolve(import.meta.dirname, "../../../node_modules"), join(directory, "node_modules"));
  return directory;
}

const json = async <Shape>(name: string): Promise<Shape> =>
  JSON.parse(await readFile(golden(name), "utf8")) as Shape;
