import * as fs from "node:fs";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { deploymentNames } from "../../components/docker-host/docker-host";
import { inspectStorage } from "../../components/docker-host/storage";
import { must, until } from "../support/run";
import { Sandbox } from "../support/sandbox";
import { beginWriting, encode, inVolume, writeFiles, writeRaw } from "../support/volume-files";

const sandbox = new Sandbox("files");
const { gateway: image } = inject("images");
const names = deploymentNames(sandbox.name, "x");
const volume = names.gatewayFiles;
const sh = (command: string) => inVolume(volume, image, command);

/** What the next run would find: the generation where every file is as it was written, otherwise a fresh one. */
async function generation(): Promise<string> {
  const { facts } = await inspectStorage({
    uri: "unix:///var/run/docker.sock",
    image,
    dataPath: "/nowhere/data",
    names,
  });
  return facts.generations.gateway;
}

beforeEach(async () => {
  await sandbox.remove();
  await must("docker", ["volume", "create", volume]);
});
afterAll(() => sandbox.remove());

const to = (revision: string, more = {}) => ({ volume, image, revision, ...more });
const hard = `"quotes" 'n' \\ $(id) \`id\` \${PATH} ; {} # \r\n\ttab ü 数据 ${"x".repeat(200_000)}\nno end of line`;

describe("a revision", () => {
  it("holds what was sent, to the byte, for its owner alone", async () => {
    expect((await writeFiles(to("rev-1"), { "a.conf": hard, empty: "" })).output).toBe("");
    expect(await sh("find . -mindepth 1 -exec stat -c '%F %a %u:%g %n' {} + | sort")).toBe(
      [
        "directory 700 33:33 ./rev-1",
        "regular empty file 600 33:33 ./rev-1/empty",
        "regular file 600 0:0 ./generation",
        "regular file 600 33:33 ./rev-1/a.conf",
        "symbolic link 777 0:0 ./current",
      ].join("\n"),
    );
    expect(await sh("readlink current; base64 rev-1/a.conf | tr -d '\\n'")).toBe(
      `rev-1\n${Buffer.from(hard).toString("base64")}`,
    );
  });

  it("becomes current, and the one before stays until the next", async () => {
    await writeFiles(to("rev-1"), { a: "1" });
    await writeFiles(to("rev-2"), { a: "2" });
    expect(await sh("readlink current; ls -d rev-*")).toBe("rev-2\nrev-1\nrev-2");
    await writeFiles(to("rev-3"), { a: "3" });
    expect(await sh("readlink current; ls -d rev-*; cat current/a")).toBe("rev-3\nrev-2\nrev-3\n3");
  });

  it("counts only when its check, run beside its files, accepts it", async () => {
    const check = "echo checked >&2; test $(cat a) -lt 3";
    expect(await writeFiles(to("rev-2", { check }), { a: "2" })).toMatchObject({
      code: 0,
      output: "checked\n",
    });
    const refused = await writeFiles(to("rev-3", { check }), { a: "3" });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toBe("checked\nThe new files were refused; the ones before stay in use.\n");
    expect(await sh("readlink current; ls -A; cut -d ' ' -f 2 generation")).toBe(
      "rev-2\ncurrent\ngeneration\nrev-2\nrev-2",
    );
  });

  it("that is there already is not taken away for a moment; one that is not right is written again", async () => {
    await writeFiles(to("rev-1"), { a: "1" });
    const before = await sh("stat -c %i rev-1 rev-1/a");
    await writeFiles(to("rev-1", { generation: "other" }), { a: "1" });
    expect(await sh("stat -c %i rev-1 rev-1/a")).toBe(before);
    expect(await generation()).toBe("other");
    await sh("echo changed > rev-1/a");
    await writeFiles(to("rev-1"), { a: "1" });
    expect(await sh("cat current/a")).toBe("1");
  });
});

describe("the next run", () => {
  beforeEach(async () => {
    await writeFiles(to("rev-1", { generation: "g1" }), { a: "1", b: "2" });
  });

  it("finds the files as they were written, and changes nothing by looking", async () => {
    const before = await sh("find . -exec stat -c '%n %i %Y %Z' {} + | sort");
    expect(await generation()).toBe("g1");
    expect(await generation()).toBe("g1");
    expect(await sh("find . -exec stat -c '%n %i %Y %Z' {} + | sort")).toBe(before);
  });

  it.each([
    ["an edited file", "echo x >> rev-1/a"],
    [
      "an edit that keeps size and time",
      "touch -r rev-1/a /tmp/t; printf x > rev-1/a; touch -r /tmp/t rev-1/a",
    ],
    ["a deleted file", "rm rev-1/b"],
    ["a new file", "touch rev-1/c"],
    ["a file that others may read", "chmod 644 rev-1/a"],
    ["a folder that others may read", "chmod 755 rev-1"],
    ["another owner", "chown 0:0 rev-1/b"],
    ["a link in the place of a file", "mv rev-1/a a; ln -s ../a rev-1/a"],
    ["no revision", "rm -r rev-1"],
    ["another current", "cp -a rev-1 rev-2; ln -sfn rev-2 current"],
    ["no current", "rm current"],
    ["no record", "rm generation"],
    ["a record cut short", "printf g1 > generation"],
    ["an empty record", ": > generation"],
  ])("notices %s", async (_, change) => {
    await sh(change);
    const found = await generation();
    expect(found).toMatch(/^[0-9a-f]{8}$/);
    expect(await generation(), "asks for another write each time").not.toBe(found);
  });

  it("makes no volume where there is none", async () => {
    await must("docker", ["volume", "rm", volume]);
    await generation();
    expect(await must("docker", ["volume", "ls", "--quiet", "--filter", `name=${sandbox.name}`])).toBe("");
  });
});

describe("a write that is cut", () => {
  const intact = async () => {
    expect(await sh("readlink current; ls -d rev-*; cat current/a")).toBe("rev-1\nrev-1\n1");
    expect(await generation()).toBe("g1");
  };
  beforeEach(async () => {
    await writeFiles(to("rev-1", { generation: "g1" }), { a: "1", b: "2" });
  });

  it.each([
    ["between two files", encode({ a: "new" })],
    ["within a file", encode({ a: "new".repeat(1000) }).slice(0, 2000)],
    ["before the first", ""],
  ])("%s: is refused, and what was there stays", async (_, input) => {
    const result = await writeRaw(to("rev-2"), input);
    expect(result.code).not.toBe(0);
    expect(result.output).toContain("did not arrive completely; nothing was changed");
    await intact();
  });

  it("that is not what it should be: is refused, and what was there stays", async () => {
    expect((await writeRaw(to("rev-2"), "a !!!not-base64!!!\n.\n")).code).not.toBe(0);
    await intact();
  });

  it.each(["the client", "the container"])(
    "by killing %s: what was there stays, and the next write works",
    async (victim) => {
      const child = beginWriting(to("rev-2"), encode({ a: "new" }));
      const ended = once(child, "exit");
      const containers = () => must("docker", ["ps", "--quiet", "--filter", `volume=${volume}`]);
      await until(
        "it has begun",
        async () => (await containers()) !== "" && (await sh("ls -A .new || true")) === "a",
      );
      if (victim === "the client") child.kill("SIGKILL");
      else await must("docker", ["kill", await containers()]);
      await ended;
      await until("its container has ended", async () => (await containers()) === "");
      await intact();
      expect((await writeFiles(to("rev-2", { generation: "g2" }), { a: "2" })).output).toBe("");
      expect(await sh("readlink current; cat current/a; echo; ls -A")).toBe(
        "rev-2\n2\ncurrent\ngeneration\nrev-1\nrev-2",
      );
      expect(await generation()).toBe("g2");
    },
  );
});

describe("the data folder", () => {
  let folder: string;
  const look = async (dataPath: string) =>
    inspectStorage({ uri: "unix:///var/run/docker.sock", image, dataPath, names });

  beforeAll(() => {
    folder = sandbox.folder();
  });

  it("belongs to someone", async () => {
    fs.mkdirSync(`${folder}/mine`, { recursive: true });
    fs.chownSync(`${folder}/mine`, 1234, 2345);
    const { facts, faults } = await look(`${folder}/mine`);
    expect([facts.dataOwner, faults]).toEqual(["1234:2345", []]);
  });

  const inner = "docker/registry/v2/blobs";
  const closed = (path: string) => ({ why: "storage has mode 700", advice: `chmod o+x ${path}` });
  it.each([
    ["all", 0o755, 0o755, 33, undefined],
    ["all, by one's own name only", 0o711, 0o755, 33, undefined],
    ["its group", 0o750, 0o755, 2345, undefined],
    ["nobody else", 0o700, 0o755, 33, ""],
    ["all, but not what is below", 0o755, 0o700, 33, `/${inner}`],
  ])("can be read by %s", async (_, mode, below, group, closedAt) => {
    const data = `${folder}/readers`;
    fs.rmSync(data, { recursive: true, force: true });
    fs.mkdirSync(`${data}/${inner}`, { recursive: true });
    fs.chmodSync(`${data}/${inner}`, below);
    fs.chmodSync(data, mode);
    for (const path of [data, `${data}/${inner}`]) fs.chownSync(path, 1234, 2345);
    const { facts, faults } = await look(data);
    expect([faults, facts.storageGroup]).toEqual([[], group]);
    expect(facts.storageClosed).toEqual(closedAt === undefined ? undefined : closed(data + closedAt));
  });

  it("does not make the gateway a member of root's group", async () => {
    const data = `${folder}/root-group`;
    fs.mkdirSync(data, { recursive: true });
    fs.chmodSync(data, 0o750);
    expect((await look(data)).facts).toMatchObject({ storageGroup: 33, storageClosed: {} });
  });

  it("is yet to be made: by Docker, as root", async () => {
    const { facts, faults } = await look(`${folder}/not/yet`);
    expect([facts.dataOwner, faults]).toEqual(["0:0", []]);
    expect(fs.existsSync(`${folder}/not`)).toBe(false);
  });

  it.each([
    ["is a file", "file", () => fs.writeFileSync(`${folder}/file`, ""), "is not a folder"],
    [
      "is below a file",
      "file/data",
      () => fs.writeFileSync(`${folder}/file`, ""),
      "is below FOLDER/file, which is not a folder",
    ],
    [
      "cannot be written to by its owner",
      "closed",
      () => fs.mkdirSync(`${folder}/closed`, { mode: 0o555 }),
      "cannot be used by its owner, as whom the registry runs: its mode is 555",
    ],
    [
      "is where there are no real files",
      "/proc/data",
      () => undefined,
      "cannot be written to: /proc is the kernel's own file system",
    ],
  ])("%s", async (_, name, prepare, fault) => {
    fs.mkdirSync(folder, { recursive: true });
    prepare();
    const dataPath = name.startsWith("/") ? name : `${folder}/${name}`;
    const { faults } = await look(dataPath);
    expect(faults).toEqual([`private-registry:dataPath ${dataPath} ${fault.replace("FOLDER", folder)}`]);
  });
});
