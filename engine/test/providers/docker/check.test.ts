import { describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/docker";
import { formatDuration, parseDuration } from "../../../src/providers/docker/container/duration";
import { unknown, type PropertyMap } from "../../../src/values/value";

const { resources } = provider.configure({});

async function faults(type: string, news: PropertyMap): Promise<readonly string[]> {
  const token = `docker:index/${type}:${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  const urn = `urn:pulumi:dev::test::${token}::thing`;
  const checked = await resources[token]?.check({ urn, news });
  return (checked?.failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);
}

describe("what a program must not ask for", () => {
  it("is named with the way out, all at once", async () => {
    const news = { image: "x", gpus: "all", attach: true, deviceReadBps: [], evns: ["A=1"], exitCode: 3 };
    expect(await faults("container", news)).toEqual([
      expect.stringMatching(/^gpus: is not in the embedded engine: install Pulumi/),
      expect.stringMatching(/^attach: is not in the embedded engine/),
      expect.stringMatching(/^deviceReadBps: is not in the embedded engine/),
      'evns: is not known; did you mean "envs"?',
      "exitCode: is an output: it cannot be set",
    ]);
    expect(await faults("volume", { cluster: {} })).toEqual([
      expect.stringMatching(/^cluster: is not in the embed/),
    ]);
    expect(await faults("remoteImage", { name: "x", build: { context: "." } })).toHaveLength(1);
  });

  it("has the types and ranges of the real plugin, at any depth", async () => {
    const news = {
      restart: "sometimes",
      memory: -1,
      healthcheck: { interval: "soon", retries: 2 },
      ports: [{ external: 80, protokol: "tcp" }],
      mounts: [{ type: "nfs", target: "/x" }],
      labels: "a=b",
      envs: [["A"]],
      readOnly: "perhaps",
      command: ["sh", ""],
      volumes: [{ hostPath: "relative" }],
      uploads: [{ file: "/x", content: "a", source: "b" }],
      cpus: "many",
    };
    expect([...(await faults("container", news))].sort()).toEqual([
      "command[1]: must not be empty",
      'cpus: must be a number of processors such as "1.5", not "many"',
      "envs[0]: must be text, not a list",
      'healthcheck.interval: must be a duration such as "30s" or "1m0s", not "soon"',
      "image: is required",
      'labels: must be a list, not "a=b"',
      "memory: must be 0 or more, not -1",
      'mounts[0].type: must be one of bind, volume, tmpfs, not "nfs"',
      "ports[0].internal: is required",
      'ports[0].protokol: is not known; did you mean "protocol"?',
      'readOnly: must be true or false, not "perhaps"',
      'restart: must be one of no, on-failure, always, unless-stopped, not "sometimes"',
      "uploads[0]: takes exactly one of content, contentBase64 and source",
      'volumes[0].hostPath: must be an absolute path, not "relative"',
      "volumes[0]: needs containerPath or fromContainer",
    ]);
  });

  it("may still be unknown in a preview", async () => {
    const news = {
      image: unknown,
      envs: unknown,
      ports: [{ internal: unknown }],
      labels: [{ label: "a", value: unknown }],
    };
    expect(await faults("container", news)).toEqual([]);
  });
});

describe("names", () => {
  it("are made up once, and kept", async () => {
    const token = "docker:index/container:Container";
    const urn = `urn:pulumi:dev::test::my:Component$${token}::web`;
    const first = await resources[token]?.check({ urn, news: { image: "x" } });
    expect(first?.inputs["name"]).toMatch(/^web-[0-9a-f]{7}$/);
    const again = await resources[token]?.check({
      urn,
      news: { image: "y" },
      ...(first ? { olds: first.inputs } : {}),
    });
    expect(again?.inputs["name"]).toBe(first?.inputs["name"]);
    const given = await resources[token]?.check({ urn, news: { image: "x", name: "mine" } });
    const without = await resources[token]?.check({
      urn,
      news: { image: "x" },
      ...(given ? { olds: given.inputs } : {}),
    });
    expect(without?.inputs["name"]).toMatch(/^web-[0-9a-f]{7}$/);
  });
});

describe("durations", () => {
  it.each([
    ["60s", 60e9, "1m0s"],
    ["1.5h", 5400e9, "1h30m0s"],
    ["1500ms", 1.5e9, "1.5s"],
    ["0", 0, "0s"],
    ["250ms", 250e6, "250ms"],
    ["2m3.25s", 123.25e9, "2m3.25s"],
  ])("%s is %d nanoseconds and printed as %s", (text, nanoseconds, printed) => {
    expect(parseDuration(text)).toBe(nanoseconds);
    expect(formatDuration(nanoseconds)).toBe(printed);
  });

  it.each(["", "5", "s", "1x", "1s2", "-"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
