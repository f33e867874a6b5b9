import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import { IncorrectPassphrase, PassphraseSecrets } from "../../src/secrets/passphrase";
import { Secret } from "../../src/values/value";
import { name, newBackend, sharedManager, thing, urn, type Fixture } from "./fixture";

let fixture: Fixture;
const text = (): Promise<string> => readFile(fixture.backend.paths(name).state, "utf8");

beforeEach(async () => {
  fixture = await newBackend();
});

describe("a state that cannot be used", () => {
  const damage = async (change: (good: string) => string): Promise<string> => {
    const store = fixture.store();
    await store.save({ resources: [thing("a")], pendingOperations: [] });
    const two = [thing("a"), thing("b", { dependencies: [urn("a")], outputs: { s: new Secret(1) } })];
    await store.save({ resources: two, pendingOperations: [] });
    const bad = change(await text());
    await writeFile(fixture.backend.paths(name).state, bad);
    return bad;
  };
  const edit = (
    change: (json: { checkpoint: { stack: string; latest: Record<string, unknown> } }) => void,
  ) => {
    return (good: string): string => {
      const json = JSON.parse(good) as Parameters<typeof change>[0];
      change(json);
      return JSON.stringify(json);
    };
  };

  it.each([
    ["cut in half", (good: string) => good.slice(0, good.length / 2), /no complete JSON .* cut short/],
    ["empty", () => "", /it is empty/],
    ["not JSON", () => "<<<<<<< HEAD\n", /no complete JSON/],
    [
      "of a newer version",
      (good: string) => good.replace('"version":3', '"version":5'),
      /newer than .* format version 5, it takes 3/,
    ],
    ["of an older version", (good: string) => good.replace('"version":3', '"version":1'), /too old/],
    [
      "in need of features",
      (good: string) => good.replace('"version":3', '"version":4,"features":["hooks"]'),
      /features .*: hooks/,
    ],
    [
      "another stack's",
      (good: string) => good.replace("organization/shop/dev", "organization/shop/prod"),
      /another stack: "organization\/shop\/prod"/,
    ],
    [
      "of another stack's resources",
      (good: string) => good.replaceAll("urn:pulumi:dev", "urn:pulumi:prod"),
      /belongs to another stack/,
    ],
    [
      "without a dependency",
      (good: string) => good.replace('"dependencies":["' + urn("a"), '"dependencies":["' + urn("z")),
      /refers to missing dependency .*::z/,
    ],
    [
      "a cycle",
      (good: string) =>
        good.replace(
          '"type":"test:index:Thing"',
          '"type":"test:index:Thing","dependencies":["' + urn("b") + '"]',
        ),
      /::a's dependency .*::b comes after it/,
    ],
    [
      "with a resource twice",
      edit(
        ({ checkpoint: { latest } }) =>
          (latest.resources = [...(latest.resources as unknown[]), (latest.resources as unknown[])[0]]),
      ),
      /duplicate resource/,
    ],
    [
      "without a provider",
      (good: string) => good.replace('"custom":true', '"custom":true,"provider":"urn:x::y"'),
      /refers to unknown provider urn:x::y/,
    ],
    [
      "encrypted by a cloud",
      (good: string) => good.replace('"type":"passphrase"', '"type":"cloud"'),
      /encrypted by "cloud"/,
    ],
    [
      "with an asset",
      (good: string) => good.replace("1b47061264138c4ac30d75fd1eb44270", "c44067f5952c0a294b673a41bacd8c17"),
      /is an asset, which is not in the embedded engine/,
    ],
    [
      "of a wrong shape",
      (good: string) => good.replace('"custom":true', '"custom":"yes"'),
      /custom: expected true or false, found string/,
    ],
  ])("%s is refused, left as it is, and a way back is named", async (_, change, message) => {
    const bad = await damage(change);
    const error = await fixture
      .store()
      .load()
      .catch((thrown: unknown) => thrown);
    const { state, previous } = fixture.backend.paths(name);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(`cannot use the state ${state}`);
    expect((error as Error).message).toContain(`cp ${previous} ${state}\n    (saved `);
    expect((error as Error).message).toContain("1 resources)");
    expect(await text()).toBe(bad);
  });

  it("names the newest backup where .bak is damaged too, and says so where nothing is whole", async () => {
    await damage((good) => good.slice(0, 100));
    const { previous, backups } = fixture.backend.paths(name);
    await writeFile(previous, "{");
    await expect(fixture.store().load()).rejects.toThrow("No whole older state was found");
    const whole = await newBackend();
    await whole.store().save({ resources: [thing("a")], pendingOperations: [] });
    await mkdir(backups, { recursive: true });
    await writeFile(path.join(backups, "dev.1.json"), "{");
    await writeFile(
      path.join(backups, "dev.2.json"),
      await readFile(whole.backend.paths(name).state, "utf8"),
    );
    await expect(fixture.store().load()).rejects.toThrow(`cp ${path.join(backups, "dev.2.json")} `);
  });

  it("is not what a wrong passphrase makes of it", async () => {
    await damage((good) => good);
    const before = await text();
    const others = new PassphraseSecrets(() => Promise.resolve("wrong"));
    await expect(others.open((await sharedManager()).salt)).rejects.toThrow(new IncorrectPassphrase());
    await expect(others.open((await sharedManager()).salt)).rejects.toThrow(/^incorrect passphrase$/);
    // A manager of another salt, as after a lost Pulumi.STACK.yaml: the state's own salt decides.
    const store = fixture.backend.store(name, await others.create(), others);
    await expect(store.load()).rejects.toThrow(/^incorrect passphrase$/);
    expect(await text()).toBe(before);
  });
});
