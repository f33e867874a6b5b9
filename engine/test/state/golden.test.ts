import { cp, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { Ciphertexts } from "../../src/secrets/ciphertexts";
import { PassphraseSecrets, type SecretsManager } from "../../src/secrets/passphrase";
import { CheckpointWriter, decodeSnapshot, parseCheckpoint } from "../../src/state/checkpoint";
import { FileBackend } from "../../src/state/file-backend";
import { Secret } from "../../src/values/value";
import { golden, hasGolden } from "./golden";

const name = { project: "golden", stack: "dev" };
const secrets = new PassphraseSecrets(() => Promise.resolve("golden"));
let manager: SecretsManager;
let folder: string;
let backend: FileBackend;

describe.skipIf(!hasGolden)(
  "state as the real Pulumi wrote it (skipped where the golden runs are missing)",
  () => {
    beforeAll(async () => {
      const { deployment } = parseCheckpoint(
        await readFile(golden("backend/.pulumi/stacks/golden/dev.json"), "utf8"),
      );
      manager = await secrets.open(deployment?.salt ?? "");
    });

    beforeEach(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), "state-golden-"));
      await cp(golden("backend"), folder, { recursive: true });
      backend = await FileBackend.open(folder);
    });

    it("loads: 16 resources with secrets decrypted, dependencies and fields that are only kept", async () => {
      const { resources, pendingOperations } = await backend.store(name, manager, secrets).load();
      expect(pendingOperations).toEqual([]);
      expect(resources.filter(({ type }) => !type.startsWith("pulumi:providers:"))).toHaveLength(16);
      const password = resources.find(({ urn }) => urn.endsWith("::password"));
      expect(password?.additionalSecretOutputs).toContain("result");
      const result = password?.outputs.result;
      expect(result).toBeInstanceOf(Secret);
      expect((result as Secret).value).toMatch(/^[A-Za-z0-9]{32}$/);
      const container = resources.find(({ urn }) => urn.endsWith("::container"));
      expect(container?.dependencies).toHaveLength(5);
      expect(container?.other).toHaveProperty("stackTrace");
    });

    it("writes what it has read byte for byte, but for the time of writing", async () => {
      const file = backend.paths(name).state;
      const before = await readFile(file, "utf8");
      const store = backend.store(name, manager, secrets);
      await store.save(await store.load());
      const after = await readFile(file, "utf8");
      expect(parseCheckpoint(after).deployment?.time).not.toBe(parseCheckpoint(before).deployment?.time);
      const withTime = (text: string): string => text.replace(/"time":"[^"]+"/, '"time":"-"');
      expect(withTime(after)).toBe(withTime(before));
      expect(await readFile(backend.paths(name).previous, "utf8")).toBe(before);
    });

    it.each(["1-create", "2-change", "3-remove"])(
      "reads and writes the exported state of %s field for field",
      async (run) => {
        const exported = JSON.parse(await readFile(golden(`runs/${run}.state.json`), "utf8")) as {
          deployment: unknown;
        };
        const text = JSON.stringify({
          version: 3,
          checkpoint: { stack: "organization/golden/dev", latest: exported.deployment },
        });
        const { deployment } = parseCheckpoint(text);
        if (deployment === undefined) throw new Error("no deployment");
        const ciphertexts = new Ciphertexts(manager);
        const written = new CheckpointWriter(ciphertexts).write({
          stack: "organization/golden/dev",
          snapshot: decodeSnapshot(deployment, ciphertexts),
          salt: manager.salt,
          other: deployment.other,
          time: deployment.time,
        });
        expect(written).toBe(text);
      },
    );

    it("encrypts anew only the secret that changed", async () => {
      const store = backend.store(name, manager, secrets);
      const snapshot = await store.load();
      const resources = snapshot.resources.map((resource) =>
        resource.urn.endsWith("::password")
          ? { ...resource, outputs: { ...resource.outputs, result: new Secret("changed") } }
          : resource,
      );
      const ciphertextsIn = async (): Promise<string[]> =>
        (await readFile(backend.paths(name).state, "utf8")).match(/"ciphertext":"[^"]+"/g) ?? [];
      const before = await ciphertextsIn();
      await store.save({ ...snapshot, resources });
      const after = await ciphertextsIn();
      expect(after.filter((text) => !before.includes(text))).toHaveLength(1);
      const again = await backend.store(name, manager, secrets).load();
      expect(again.resources.find(({ urn }) => urn.endsWith("::password"))?.outputs.result).toEqual(
        new Secret("changed"),
      );
    });

    it("removes the notes that the CLI keeps about files it wrote itself", async () => {
      const { state } = backend.paths(name);
      await writeFile(`${state}.attrs`, '{"md5":"stale"}');
      const store = backend.store(name, manager, secrets);
      await store.save(await store.load());
      expect(await readdir(path.dirname(state))).toEqual(["dev.json", "dev.json.bak"]);
    });
  },
);
