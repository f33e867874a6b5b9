import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deploymentNames, inspectDockerHost } from "../../../components/docker-host/docker-host";
import { FakeDocker, type Answer } from "../../support/fake-docker";
import { parse } from "../../support/settings";

const names = deploymentNames("private-registry", "test");
const image = `sha256:${"a".repeat(64)}`;
const working: Record<string, Answer | string> = {
  version: "20.10.24",
  "image inspect": `${image}\n`,
  "volume ls": `${names.registryFiles}\n`,
  "network inspect bridge": '[{"Subnet":"127.0.0.0/8","Gateway":"127.0.0.1"}]',
  "ps --all": "",
  ps: "",
  run: "owner\t7:8\nregistry\tabc\n",
};
let fake: FakeDocker;
let folder: string;
beforeEach(() => {
  fake = new FakeDocker(working);
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "regtest-host-")));
});
afterEach(() => {
  fake.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

const inspect = (values: Record<string, unknown> = {}) =>
  inspectDockerHost(
    parse({ bindAddress: "docker-bridge", port: 38124, dataPath: `${folder}/data`, ...values }),
    names,
  );

it("tells what was found, as plain data", async () => {
  expect(await inspect()).toEqual({
    uri: "unix:///var/run/docker.sock",
    bindAddress: "127.0.0.1",
    dataPath: `${folder}/data`,
    dataOwner: "7:8",
    storageGroup: 33,
    generations: { registry: "abc", gateway: expect.stringMatching(/^[0-9a-f]{8}$/) as string },
    images: { registry: image, gateway: image },
  });
});

it("looks at volumes that are there only, for looking must not make one", async () => {
  await inspect();
  const [run] = fake.calls.filter((call) => call.includes(" docker run "));
  expect(run).toContain(`src=${names.registryFiles},dst=/files/registry,readonly`);
  expect(run).not.toContain(names.gatewayFiles);
  expect(run).toContain("--network none --cap-drop ALL");
});

describe("the data folder has one name, whatever links lead to it, before and after it is made", () => {
  beforeEach(() => {
    fs.mkdirSync(`${folder}/real`);
    fs.symlinkSync(`${folder}/real`, `${folder}/link`);
  });

  it.each(["real/data", "link/data", "link/data/", "./link//data/."])("%s", async (given) => {
    const dataPath = `${folder}/${given}`;
    expect((await inspect({ dataPath })).dataPath).toBe(`${folder}/real/data`);
    fs.mkdirSync(`${folder}/real/data`);
    expect((await inspect({ dataPath })).dataPath).toBe(`${folder}/real/data`);
  });

  it("and is inside the checkout where the settings say so", async () => {
    expect((await inspect({ dataPath: "${checkout}/.state/x/data" })).dataPath).toBe(
      `${process.cwd()}/.state/x/data`,
    );
  });
});

describe("no Docker engine", () => {
  const refused = {
    stderr: "Cannot connect to the Docker daemon at X. Is the docker daemon running?\n",
    code: 1,
  };

  it.each([
    ["local", "unix:///var/run/docker.sock", "Start it, or let `make up` install and start it"],
    [
      "ssh://deploy@far.example.com",
      "ssh://deploy@far.example.com",
      "Check that this works: docker -H ssh://deploy@far.example.com version",
    ],
  ])("at %s", async (dockerHost, uri, advice) => {
    fake.answer({ version: refused });
    await expect(inspect({ dockerHost })).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining(
          `No Docker engine answers at ${uri}: Cannot connect to the Docker daemon`,
        ) as string,
      }) as Error,
    );
    await expect(inspect({ dockerHost })).rejects.toThrow(advice);
    expect(
      fake.calls.every((call) => call.startsWith(`${uri} docker version`)),
      "asked nothing else",
    ).toBe(true);
  });
});

it("names what is wrong on the host, all of it", async () => {
  fake.answer({
    ...working,
    "ps --all": `theirs\ttheir-network\nours\t${names.network}\n${names.prefix}-registry-0123abc\tbridge\n${names.gateway}\tbridge\n`,
    run: "fault\tis not a folder\n",
    ps: "theirs\t0.0.0.0:38124->80/tcp\n",
  });
  await expect(inspect()).rejects.toThrow(
    [
      "Nothing was changed:",
      `  - private-registry:dataPath ${folder}/data is not a folder`,
      `  - private-registry:dataPath ${folder}/data is in use by the container theirs; a registry takes a folder of its own`,
      "  - private-registry:port 38124 on 127.0.0.1 is taken by the container theirs",
    ].join("\n"),
  );
});

it.each([
  [
    '[{"Subnet":"fd00::/64","Gateway":"fd00::1"},{"Subnet":"127.0.0.0/8","Gateway":"127.0.0.9"}]',
    "127.0.0.9",
  ],
  // Docker 20.10 after its first start.
  ['[{"Subnet":"127.0.0.0/16"}]', "127.0.0.1"],
  ['[{"Subnet":"127.2.3.64/26"}]', "127.2.3.65"],
])("finds the bridge's address in %s", async (config, address) => {
  fake.answer({ ...working, "network inspect bridge": config });
  expect((await inspect()).bindAddress).toBe(address);
});

it.each(["null", "[]"])("says that there is no bridge: %s", async (config) => {
  fake.answer({ ...working, "network inspect bridge": config });
  await expect(inspect()).rejects.toThrow(
    "The Docker host has no bridge network: private-registry:bindAddress takes an IP address of it there.",
  );
});

it("gives the names of two stacks nothing in common", () => {
  const other = deploymentNames("private-registry", "other");
  expect(Object.values(names).filter((name) => Object.values(other).includes(name))).toEqual([]);
});
