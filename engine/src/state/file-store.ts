import { readFile } from "node:fs/promises";

import { Ciphertexts } from "../secrets/ciphertexts";
import type { PassphraseSecrets, SecretsManager } from "../secrets/passphrase";
import { Fault, systemCode } from "../values/fault";
import { CheckpointWriter, decodeSnapshot, parseCheckpoint, type Deployment } from "./checkpoint";
import { keepBackup, removeLeftovers, writeDurably } from "./durable-file";
import { recordUpdate } from "./history";
import { integrityFaults } from "./integrity";
import { qualifiedName, stackPaths, type StackPaths } from "./layout";
import { lockStack, type Say } from "./lock";
import type { SecretText } from "./property-codec";
import { emptySnapshot, type Snapshot } from "./resource";
import type { StackLock, StackStore, UpdateRecord } from "./store";
import { unusable } from "./way-back";

export interface FileStoreOptions {
  /** The backend's `.pulumi` folder. */
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  /** What new states are encrypted with. */
  readonly manager: SecretsManager;
  /** Opens a state that was encrypted with another salt. */
  readonly secrets: PassphraseSecrets;
  readonly say: Say;
}

/** A snapshot and what is wrong with it. */
export interface CheckedSnapshot {
  readonly snapshot: Snapshot;
  readonly faults: readonly string[];
}

/** The state of one stack in a `file://` backend, in Pulumi's own format. */
export class FileStackStore implements StackStore {
  readonly project: string;
  readonly stack: string;
  readonly paths: StackPaths;
  private readonly manager: SecretsManager;
  private readonly secrets: PassphraseSecrets;
  private readonly writer: CheckpointWriter;
  private readonly ciphertexts: Ciphertexts;
  private readonly say: Say;
  /** What the file holds besides resources, to be written back. */
  private other: Readonly<Record<string, unknown>> = {};
  private saving: Promise<void> = Promise.resolve();

  constructor({ root, project, stack, manager, secrets, say }: FileStoreOptions) {
    this.project = project;
    this.stack = stack;
    this.paths = stackPaths(root, project, stack);
    this.manager = manager;
    this.secrets = secrets;
    this.say = say;
    this.ciphertexts = new Ciphertexts(manager);
    this.writer = new CheckpointWriter(this.ciphertexts);
  }

  async load(): Promise<Snapshot> {
    const deployment = await this.loadDeployment();
    if (deployment === undefined) return emptySnapshot;
    // A wrong passphrase is no fault of the file: outside of what `orSayHowToGoBack` explains.
    const secrets = await this.secretsOf(deployment);
    return this.orSayHowToGoBack(() => {
      const { snapshot, faults } = this.checked(deployment, secrets);
      if (faults.length === 0) return snapshot;
      throw new Fault(
        `snapshot integrity failure; refusing to use it:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
      );
    });
  }

  /**
   * Decrypts a deployment, the stack's own or an exported one, and tells what is wrong with it; what is saved next
   * takes its place.
   */
  async decode(deployment: Deployment): Promise<CheckedSnapshot> {
    return this.checked(deployment, await this.secretsOf(deployment));
  }

  private checked(deployment: Deployment, secrets: SecretText): CheckedSnapshot {
    const snapshot = decodeSnapshot(deployment, secrets);
    this.other = deployment.other;
    const faults = [...integrityFaults(snapshot), ...foreignResources(snapshot, this.project, this.stack)];
    return { snapshot, faults };
  }

  /** The state as it stands in the file, secrets still encrypted; `undefined` for a stack that has never run. */
  async loadDeployment(): Promise<Deployment | undefined> {
    let text: string;
    try {
      text = await readFile(this.paths.state, "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
    return this.orSayHowToGoBack(() => {
      const { stack, deployment } = parseCheckpoint(text);
      const expected = qualifiedName(this.project, this.stack);
      if (stack !== expected)
        throw new Fault(`it is the state of another stack: "${stack}", expected "${expected}"`);
      return deployment;
    });
  }

  save(snapshot: Snapshot): Promise<void> {
    return this.inTurn(async () => {
      await this.write(snapshot);
      // Written first: what has really been created must not be lost over a wrong order.
      const faults = integrityFaults(snapshot);
      if (faults.length > 0) {
        throw new Error(
          `${this.paths.state}: snapshot integrity failure; it was already written, but is invalid ` +
            `(backup available at ${this.paths.previous}): ${faults.join("; ")}`,
        );
      }
    });
  }

  /** As `save`, whatever is wrong with the snapshot: for people who know that and want it. */
  saveUnchecked(snapshot: Snapshot): Promise<void> {
    return this.inTurn(() => this.write(snapshot));
  }

  private inTurn(write: () => Promise<void>): Promise<void> {
    // One after the other, in the order asked for: the last state given is the one that stays.
    const saving = this.saving.then(write);
    this.saving = saving.catch(() => undefined);
    return saving;
  }

  private async write(snapshot: Snapshot): Promise<void> {
    const text = this.writer.write({
      stack: qualifiedName(this.project, this.stack),
      snapshot,
      salt: this.manager.salt,
      other: this.other,
      time: new Date().toISOString(),
    });
    await keepBackup(this.paths.state, this.paths.previous);
    await writeDurably(this.paths.state, text);
  }

  async lock(): Promise<StackLock> {
    const lock = await lockStack(this.paths.locks, this.say);
    await removeLeftovers(this.paths.state);
    return lock;
  }

  record(update: UpdateRecord): Promise<void> {
    return recordUpdate(this.paths, this.stack, update);
  }

  private async secretsOf({ salt }: Deployment): Promise<SecretText> {
    if (salt === this.manager.salt) return this.ciphertexts;
    if (salt !== undefined) return new Ciphertexts(await this.secrets.open(salt));
    return {
      decrypt: (place) => {
        throw new Fault(
          `${place}: snapshot contains encrypted secrets but no secrets manager could be found`,
        );
      },
      encrypt: (place, plaintext) => this.ciphertexts.encrypt(place, plaintext),
    };
  }

  private async orSayHowToGoBack<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw await unusable(this.paths, this, error);
    }
  }
}

function foreignResources({ resources }: Snapshot, project: string, stack: string): string[] {
  const own = `urn:pulumi:${stack}::${project}::`;
  return resources
    .filter(({ urn }) => !urn.startsWith(own))
    .map(({ urn }) => `resource ${urn} belongs to another stack than ${stack} of project ${project}`);
}
