import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import { PassphraseSecrets, type SecretsManager } from "../../src/secrets/passphrase";
import { FileBackend, type StackName } from "../../src/state/file-backend";
import type { FileStackStore } from "../../src/state/file-store";
import type { ResourceState } from "../../src/state/resource";

export const name: StackName = { project: "shop", stack: "dev" };

const secrets = new PassphraseSecrets(() => Promise.resolve("correct"));
let manager: Promise<SecretsManager> | undefined;

/** A manager that is derived once a test file: that takes half a second on purpose. */
export function sharedManager(): Promise<SecretsManager> {
  manager ??= secrets.create();
  return manager;
}

export interface Fixture {
  readonly folder: string;
  readonly backend: FileBackend;
  /** A store that knows nothing of what others have read or written. */
  store(): FileStackStore;
}

/** An empty backend with one stack that has never run. */
export async function newBackend(folder?: string): Promise<Fixture> {
  const root = folder ?? (await mkdtemp(path.join(os.tmpdir(), "state-")));
  const backend = await FileBackend.open(root);
  const shared = await sharedManager();
  await backend.create(name, shared);
  return { folder: root, backend, store: () => backend.store(name, shared, secrets) };
}

export const urn = (resource: string): string => `urn:pulumi:dev::shop::test:index:Thing::${resource}`;

/** A resource that is managed by no provider. */
export function thing(resource: string, fields: Partial<ResourceState> = {}): ResourceState {
  return {
    urn: urn(resource),
    custom: true,
    id: `id-of-${resource}`,
    type: "test:index:Thing",
    inputs: {},
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
    ...fields,
  };
}
