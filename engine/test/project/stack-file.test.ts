import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import { parseKeyWithPath } from "../../src/project/config-path";
import { Ciphertext, coerced, type ConfigTree } from "../../src/project/config-tree";
import { loadProject } from "../../src/project/project";
import { StackFile } from "../../src/project/stack-file";

let folder: string;

const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
const written = (): Promise<string> => readFile(path.join(folder, "Pulumi.dev.yaml"), "utf8");

async function edit(change: (file: StackFile) => void): Promise<string> {
  const file = await StackFile.load(await loadProject(folder), "dev");
  change(file);
  await file.save();
  return written();
}

function set(file: StackFile, text: string, value: ConfigTree): void {
  const { key, path: place } = parseKeyWithPath(text, "shop");
  file.set(key, place, value);
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "stack-file-"));
  await write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
});

const COMMENTED = `# the file
config:
  # how it is called
  shop:hostname: registry.dev.test # the name
  shop:users:
    # who may do everything
    - name: admin
      access: admin
    - name: "ci"
      access: push
  shop:port: 8000
`;

describe("Pulumi.STACK.yaml", () => {
  it("keeps comments, order and quotes when a value is set", async () => {
    await write("Pulumi.dev.yaml", COMMENTED);
    const text = await edit((file) => set(file, "shop:port", "8443"));
    expect(text).toBe(COMMENTED.replace("shop:port: 8000", 'shop:port: "8443"'));
  });

  it("keeps comments beside a value that is set inside an object", async () => {
    await write("Pulumi.dev.yaml", COMMENTED);
    const text = await edit((file) => set(file, "users[1].access", coerced("pull")));
    expect(text).toBe(COMMENTED.replace("access: push", "access: pull"));
  });

  it("keeps lists that are not indented, and long lines, as they are", async () => {
    const long = "x".repeat(300) + " " + "y".repeat(300);
    const before = `config:\n  shop:a: ${long}\n  shop:b:\n  - 1\n  - 2\n  shop:c: old\n`;
    await write("Pulumi.dev.yaml", before);
    expect(await edit((file) => set(file, "c", "new"))).toBe(before.replace("old", "new"));
  });

  it("writes nothing where nothing changes, whatever the layout", async () => {
    const before = 'config:   {shop:a:   "1"}\n\n\n# end\n';
    await write("Pulumi.dev.yaml", before);
    const { mtimeNs } = await stat(path.join(folder, "Pulumi.dev.yaml"), { bigint: true });
    expect(await edit(() => undefined)).toBe(before);
    expect((await stat(path.join(folder, "Pulumi.dev.yaml"), { bigint: true })).mtimeNs).toBe(mtimeNs);
  });

  it("puts the salt first, below the comment that heads the file", async () => {
    await write("Pulumi.dev.yaml", COMMENTED);
    const text = await edit((file) => file.setSalt("v1:c2FsdA==:v1:x:y"));
    expect(text).toBe(COMMENTED.replace("config:", "encryptionsalt: v1:c2FsdA==:v1:x:y\nconfig:"));
  });

  it("makes the file, and objects and lists on the way to a path", async () => {
    await edit((file) => {
      set(file, "users[0].name", "admin");
      set(file, "users[0].password", new Ciphertext("v1:a:b"));
      set(file, 'quoted["with.dot"]', coerced("12"));
    });
    expect(await written()).toBe(
      "config:\n  shop:users:\n    - name: admin\n      password:\n        secure: v1:a:b\n  shop:quoted:\n    with.dot: 12\n",
    );
  });

  it("quotes texts that Pulumi would read as something else", async () => {
    const texts = [
      "true",
      "12",
      "2026-01-02",
      "yes",
      "0777",
      "1_000",
      "null",
      "~",
      "1e3",
      "",
      "a: b",
      "# c",
      "=",
      "0x1F",
    ];
    await edit((file) => texts.forEach((text, index) => set(file, `k${index}`, text)));
    const lines = (await written()).trim().split("\n").slice(1);
    expect(lines).toEqual(texts.map((text, index) => `  shop:k${index}: "${text}"`));
  });

  it("takes values out, a part of one too, and says whether there was one", async () => {
    await write("Pulumi.dev.yaml", COMMENTED);
    let found: boolean[] = [];
    const text = await edit((file) => {
      found = ["users[1]", "port", "nothing", "users[7]"].map((key) => {
        const { key: parsed, path: place } = parseKeyWithPath(key, "shop");
        return file.remove(parsed, place);
      });
    });
    expect(found).toEqual([true, true, false, false]);
    expect(text).toBe(
      COMMENTED.replace('    - name: "ci"\n      access: push\n', "").replace("  shop:port: 8000\n", ""),
    );
  });

  it("finds a key without namespace, and of the old form with `config`", async () => {
    await write("Pulumi.dev.yaml", "config:\n  a: 1\n  shop:config:b: 2\n");
    const text = await edit((file) => {
      set(file, "shop:a", "x");
      set(file, "b", "z");
    });
    expect(text).toBe("config:\n  a: x\n  shop:config:b: z\n");
  });

  it("keeps whole numbers of any size exact", async () => {
    await write(
      "Pulumi.dev.yaml",
      "config:\n  shop:id: 12345678901234567890\n  shop:o: {n: 9007199254740993}\n",
    );
    const file = await StackFile.load(await loadProject(folder), "dev");
    expect(file.config().get("shop:id")).toBe(12345678901234567890n);
  });

  it.each([
    ["config:\n  shop:a: 2026-01-02\n", /2026-01-02 without quotes/],
    ["config:\n  shop:a: [0777]\n", /0777 without quotes/],
    ["config:\n  shop:a: 1\n  shop:a: 2\n", /unique/],
    ["secretsprovider: awskms://x\n", /secretsprovider "awskms:\/\/x" is not in the embedded engine/],
    ["environment: [prod]\n", /Pulumi ESC/],
    ["config: {a:b:c:d: 1}\n", /could not parse/],
    ["- a\n", /must hold a map/],
    ["config: [\n", /Pulumi\.dev\.yaml/],
  ])("refuses %j", async (text, message) => {
    await write("Pulumi.dev.yaml", text);
    const load = async (): Promise<unknown> =>
      (await StackFile.load(await loadProject(folder), "dev")).config();
    await expect(load()).rejects.toThrow(message);
  });
});

describe("the path of a configuration key", () => {
  it.each([
    ["a", { namespace: "shop", name: "a" }, []],
    ["ns:a", { namespace: "ns", name: "a" }, []],
    ["private-registry:users[0].name", { namespace: "private-registry", name: "users" }, [0, "name"]],
    ["a.b[1][2].c", { namespace: "shop", name: "a" }, ["b", 1, 2, "c"]],
    ["a.b:c", { namespace: "shop", name: "a" }, ["b:c"]],
    ['["a.b"]["c:d"]', { namespace: "shop", name: "a.b" }, ["c:d"]],
    ['a["\\"x\\""]', { namespace: "shop", name: "a" }, ['"x"']],
  ])("%s", (text, key, place) => {
    expect(parseKeyWithPath(text, "shop")).toEqual({ key, path: place });
  });

  it.each(["a..b", "a[", "a[x]", "[0]", "", "a.b]", "a:b:c"])("refuses %j", (text) => {
    expect(() => parseKeyWithPath(text, "shop")).toThrow(/config/);
  });
});
