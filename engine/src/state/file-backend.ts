import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";

import { Ciphertexts } from "../secrets/ciphertexts";
import type { PassphraseSecrets, SecretsManager } from "../secrets/passphrase";
import { Fault, systemCode } from "../values/fault";
import { CheckpointWriter, parseCheckpoint, type Deployment } from "./checkpoint";
import { keepBackup, writeDurably } from "./durable-file";
import { FileStackStore } from "./file-store";
import { qualifiedName, stackPaths, type StackPaths } from "./layout";
import { breakLocks, lockStack, type Say } from "./lock";
import { emptySnapshot } from "./resource";
import { unusable } from "./way-back";

export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** The stacks of a folder that a `file://` backend URL names. */
export class FileBackend {
  /** @param root the folder `.pulumi` in it */
  private constructor(
    readonly url: string,
    readonly root: string,
    private readonly say: Say,
  ) {}

  /**
   * Opens the backend, and makes it one where `folder` is empty yet. Fails where the folder is missing, or its layout
   * is of another version. `say` is told what happens besides.
   */
  static async open(folder: string, say: Say = () => undefined): Promise<FileBackend> {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      throw new Fault(
        `unable to open state directory "file://${folder}": ${found ? "it is a file" : "it does not exist; create it with: mkdir -p " + folder}`,
      );
    }
    const root = path.join(folder, ".pulumi");
    await ensureLayout(root);
    return new FileBackend(`file://${folder}`, root, say);
  }

  paths({ project, stack }: StackName): StackPaths {
    return stackPaths(this.root, project, stack);
  }

  /** Whether the stack exists. Fails where its state lies in a form that this engine does not read. */
  async exists(name: StackName): Promise<boolean> {
    const { state } = this.paths(name);
    for (const ending of [".gz", ".zst"]) {
      if (await isFile(state + ending)) {
        throw new Fault(
          `${state}${ending}: a compressed state is not in the embedded engine; install Pulumi`,
        );
      }
    }
    return isFile(state);
  }

  /** All stacks, or those of one project, by name. */
  async list(project?: string): Promise<StackName[]> {
    const projects = project === undefined ? await namesIn(path.join(this.root, "stacks")) : [project];
    const lists = await Promise.all(
      projects.map(async (name) => {
        const files = await namesIn(path.join(this.root, "stacks", name));
        return files
          .filter((file) => file.endsWith(".json"))
          .map((file) => ({ project: name, stack: file.slice(0, -".json".length) }));
      }),
    );
    return lists
      .flat()
      .sort((a, b) => (qualifiedName(a.project, a.stack) < qualifiedName(b.project, b.stack) ? -1 : 1));
  }

  /** Makes a stack without resources. Fails where there is one of that name. */
  async create(name: StackName, manager: SecretsManager): Promise<void> {
    const lock = await lockStack(this.paths(name).locks, this.say);
    try {
      if (await this.exists(name)) {
        throw new Fault(`stack '${qualifiedName(name.project, name.stack)}' already exists`);
      }
      const text = new CheckpointWriter(new Ciphertexts(manager)).write({
        stack: qualifiedName(name.project, name.stack),
        snapshot: emptySnapshot,
        salt: manager.salt,
        other: {},
        time: new Date().toISOString(),
      });
      await writeDurably(this.paths(name).state, text);
    } finally {
      await lock.release();
    }
  }

  /** Forgets a stack and its history. The last state stays as `.bak`, as with the CLI. */
  async remove(name: StackName): Promise<void> {
    const paths = this.paths(name);
    const lock = await lockStack(paths.locks, this.say);
    try {
      await keepBackup(paths.state, paths.previous);
      await rm(paths.state, { force: true });
      await rm(`${paths.state}.attrs`, { force: true });
      await rm(paths.history, { recursive: true, force: true });
    } finally {
      await lock.release();
    }
  }

  /** The state of a stack as it stands in its file, secrets still encrypted; `undefined`: it has never been saved. */
  async deployment(name: StackName): Promise<Deployment | undefined> {
    const paths = this.paths(name);
    try {
      return parseCheckpoint(await readFile(paths.state, "utf8")).deployment;
    } catch (error) {
      throw await unusable(paths, name, error);
    }
  }

  /** Takes away the locks of a stack; how many there were. */
  cancel(name: StackName): Promise<number> {
    return breakLocks(this.paths(name).locks);
  }

  store(name: StackName, manager: SecretsManager, secrets: PassphraseSecrets): FileStackStore {
    return new FileStackStore({ root: this.root, ...name, manager, secrets, say: this.say });
  }
}

/** Checks `meta.yaml`, and writes it into an empty backend. */
async function ensureLayout(root: string): Promise<void> {
  const file = path.join(root, "meta.yaml");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) {
    const files = await namesIn(path.join(root, "stacks"));
    if (files.some((name) => name.endsWith(".json"))) {
      throw new Fault(
        `${root} has the layout of an old Pulumi, which is not in the embedded engine; run \`pulumi state upgrade\` with the Pulumi CLI`,
      );
    }
    await writeDurably(file, "version: 1\n");
    return;
  }
  const meta: unknown = parse(text);
  const version = typeof meta === "object" && meta !== null && "version" in meta ? meta.version : undefined;
  if (version === undefined) throw new Fault(`corrupt store: missing version in ${file}`);
  if (version !== 1) {
    throw new Fault(
      `state store unsupported: version ${JSON.stringify(version)} in ${file}; the embedded engine takes: 1`,
    );
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}
