import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PartialFailure } from "../../../src/providers/provider";
import type { PropertyMap } from "../../../src/values/value";
import { clearAway, docker, dockerAnswers, Driven, image, importBusybox, prefix } from "./docker-host";
import { goldenDocker } from "./golden";

const token = "docker:index/container:Container";
const base = { image, command: ["/bin/sleep", "600"] };

describe.skipIf(!dockerAnswers())("containers on this machine's Docker (skipped without Docker)", () => {
  let imageId = "";
  let folder = "";

  beforeAll(() => {
    clearAway();
    imageId = importBusybox();
    folder = mkdtempSync(join(tmpdir(), prefix));
  }, 120_000);
  afterAll(() => {
    clearAway();
    docker("image", "rm", "-f", image);
    rmSync(folder, { recursive: true });
  });

  /** A container with what a registry deployment declares. */
  const declared = (): PropertyMap => ({
    name: `${prefix}full`,
    image: imageId,
    command: ["/bin/sh", "-c", "touch /state/up && exec sleep 600"],
    networksAdvanced: [{ name: `${prefix}full-net`, aliases: ["other", "registry"] }],
    mounts: [
      { type: "volume", source: `${prefix}full-vol`, target: "/data", readOnly: true },
      { type: "bind", source: folder, target: "/etc" },
    ],
    volumes: [{ hostPath: folder, containerPath: "/tmp", readOnly: true }],
    ports: [{ internal: 5000, external: 18471, ip: "127.0.0.1" }],
    tmpfs: { "/state": "rw,noexec,size=1m,mode=1777" },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    readOnly: true,
    user: "33:33",
    healthcheck: {
      tests: ["CMD", "/bin/test", "-e", "/state/up"],
      interval: "1s",
      timeout: "5s",
      retries: 3,
    },
    wait: true,
    waitTimeout: 20,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    restart: "unless-stopped",
    stopTimeout: 60,
    destroyGraceSeconds: 1,
    labels: [
      { label: "b", value: "2" },
      { label: "a", value: "1" },
    ],
  });

  it("makes one with all a registry declares, waits for its health, finds it unchanged, removes it", async () => {
    docker("network", "create", `${prefix}full-net`);
    docker("volume", "create", `${prefix}full-vol`);
    const container = new Driven(token, `${prefix}full`);
    const made = await container.create(declared());
    expect(docker("inspect", "--format", "{{.State.Health.Status}} {{.Config.User}}", made.id)).toBe(
      "healthy 33:33",
    );
    expect(made.outputs).toMatchObject({
      hostname: made.id.slice(0, 12),
      mustRun: true,
      exitCode: null,
      dns: null,
      networkMode: "bridge",
      stopTimeout: 60,
      networkDatas: [{ networkName: `${prefix}full-net` }],
    });
    expect(await container.diff(made, declared())).toMatchObject({ changes: "none", detailedDiff: {} });

    const refreshed = await container.refresh(made);
    expect(refreshed?.inputs).toEqual(made.inputs);
    expect(refreshed && (await container.diff(refreshed, declared()))).toMatchObject({ changes: "none" });

    await container.delete(made);
    expect(await container.refresh(made)).toBeUndefined();
    await container.delete(made);
  });

  it("records the same outputs as the real plugin did for the golden program", async () => {
    const golden = goldenDocker("1-create")?.find(({ type }) => type === token);
    if (golden === undefined) return;
    docker("network", "create", `${prefix}gold-net`);
    docker("volume", "create", `${prefix}gold-vol`);
    const news: PropertyMap = {
      ...golden.inputs,
      name: `${prefix}gold`,
      image: imageId,
      entrypoints: ["/bin/sleep"],
      command: ["600"],
      networksAdvanced: [{ name: `${prefix}gold-net`, aliases: ["registry"] }],
      ports: [{ internal: 5000, external: 18472, ip: "127.0.0.1" }],
      volumes: [
        { volumeName: `${prefix}gold-vol`, containerPath: "/var/lib/registry" },
        { hostPath: folder, containerPath: "/etc/distribution", readOnly: true },
      ],
    };
    const container = new Driven(token, `${prefix}gold`);
    const { outputs } = await container.create(news);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(golden.outputs).sort());
    const own = [
      "command",
      "entrypoints",
      "hostname",
      "id",
      "image",
      "name",
      "networkDatas",
      "networksAdvanced",
    ];
    const varying = [...own, "ports", "volumes"];
    expect(without(outputs, varying)).toEqual(without(golden.outputs, varying));
    expect(outputs["volumes"]).toEqual([
      {
        containerPath: "/etc/distribution",
        fromContainer: "",
        hostPath: folder,
        readOnly: true,
        selinuxRelabel: "",
        volumeName: "",
      },
      {
        containerPath: "/var/lib/registry",
        fromContainer: "",
        hostPath: "",
        readOnly: null,
        selinuxRelabel: "",
        volumeName: `${prefix}gold-vol`,
      },
    ]);
  });

  it("changes in place what Docker can change", async () => {
    const container = new Driven(token, `${prefix}update`);
    const news = { ...base, memory: 64, memorySwap: 128 };
    const made = await container.create(news);
    const changed = { ...news, restart: "always", memory: 32 };
    expect(await container.diff(made, changed)).toMatchObject({
      changes: "some",
      replaces: [],
      detailedDiff: {
        restart: { kind: "update", inputDiff: false },
        memory: { kind: "update", inputDiff: false },
      },
    });
    const updated = await container.update(made, changed);
    expect(
      docker("inspect", "--format", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Memory}}", made.id),
    ).toBe(`always ${32 * 1024 * 1024}`);
    expect(updated.outputs).toMatchObject({ restart: "always", memory: 32, memorySwap: 128 });
    expect(await container.diff(updated, changed)).toMatchObject({ changes: "none" });
    await container.delete(updated);
  });

  it("knows the options that never come to rest, and the change that does nothing", async () => {
    const container = new Driven(token, `${prefix}unrest`);
    const check = { tests: ["CMD", "/bin/true"], interval: "60s" };
    const news = {
      ...base,
      memory: 64,
      healthcheck: check,
      mounts: [{ type: "bind", source: folder, target: "/data" }],
    };
    const made = await container.create(news);
    expect(made.outputs["healthcheck"]).toMatchObject({ interval: "1m0s" });
    const update = { kind: "update", inputDiff: false };
    const unrest = { memorySwap: { kind: "delete", inputDiff: false }, "healthcheck.interval": update };
    expect((await container.diff(made, news)).detailedDiff).toEqual(unrest);
    const refreshed = await container.refresh(made);
    expect(refreshed && (await container.diff(refreshed, news)).detailedDiff).toEqual(unrest);

    const readOnly = { ...news, mounts: [{ type: "bind", source: folder, target: "/data", readOnly: true }] };
    expect(await container.diff(made, readOnly)).toMatchObject({
      replaces: [],
      diffs: expect.arrayContaining(["mounts"]) as string[],
    });
    await container.update(made, { ...readOnly, memory: 64, memorySwap: 128 });
    expect(docker("inspect", "--format", "{{(index .HostConfig.Mounts 0).ReadOnly}}", made.id)).toBe("false");
    expect(await container.diff(made, { ...news, mounts: [] })).toMatchObject({ replaces: ["mounts"] });
    await container.delete(made);
  });

  it("starts a container that was stopped by hand, forgets one that was removed", async () => {
    const container = new Driven(token, `${prefix}drift`);
    const made = await container.create(base);
    docker("stop", "-t", "0", made.id);
    const stopped = await container.refresh(made);
    expect(stopped?.outputs).toMatchObject({ mustRun: false, exitCode: 137 });
    if (stopped === undefined) return;
    expect(await container.diff(stopped, base)).toMatchObject({
      changes: "some",
      replaces: [],
      detailedDiff: { mustRun: { kind: "update" } },
    });
    const repaired = await container.update(stopped, base);
    expect(docker("inspect", "--format", "{{.State.Running}}", made.id)).toBe("true");
    expect(repaired.outputs["mustRun"]).toBe(true);
    docker("rm", "-f", made.id);
    expect(await container.refresh(repaired)).toBeUndefined();
  });

  it("sees what was changed by hand", async () => {
    const container = new Driven(token, `${prefix}hand`);
    const news = { ...base, restart: "no" };
    const made = await container.create(news);
    docker("update", "--restart", "always", made.id);
    const refreshed = await container.refresh(made);
    expect(refreshed?.inputs["restart"]).toBe("always");
    expect(refreshed && (await container.diff(refreshed, news))).toMatchObject({
      detailedDiff: { restart: { kind: "update" } },
    });
    await container.delete(made);
  });

  it("uploads files before the start", async () => {
    const container = new Driven(token, `${prefix}upload`);
    const news = {
      image,
      command: ["/bin/cat", "/etc/some/file"],
      mustRun: false,
      uploads: [{ file: "/etc/some/file", content: "héllo\n", permissions: "0600" }],
    };
    const made = await container.create(news);
    docker("wait", made.id);
    expect(docker("logs", made.id)).toBe("héllo");
    expect(await container.diff(made, news)).toMatchObject({ changes: "none" });
    await container.delete(made);
  });

  it("reports a container that ends at once, with its last log lines, and records it", async () => {
    const container = new Driven(token, `${prefix}ends`);
    const failure = await container
      .create({ image, command: ["/bin/sh", "-c", "echo no config >&2; exit 3"] })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { message, outputs } = failure as PartialFailure;
    expect(message).toMatch(/ended at once, with exit code 3\. Its last log lines:\n {4}no config$/);
    expect(outputs).toMatchObject({ mustRun: false, exitCode: 3 });
  });

  it("does not wait out the time for a container that ends before it is healthy", async () => {
    const container = new Driven(token, `${prefix}sick`);
    const healthcheck = { tests: ["CMD", "/bin/false"], interval: "1s" };
    const started = Date.now();
    await expect(
      container.create({ image, command: ["/bin/sh", "-c", "sleep 1; exit 5"], healthcheck, wait: true }),
    ).rejects.toThrow(/ended before it was healthy, with exit code 5/);
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it("names what the health check says when the time is over", async () => {
    const container = new Driven(token, `${prefix}unwell`);
    const healthcheck = { tests: ["CMD-SHELL", "echo not yet; exit 1"], interval: "1s", retries: 1 };
    await expect(container.create({ ...base, healthcheck, wait: true, waitTimeout: 3 })).rejects.toThrow(
      /is not healthy after 3 s \(waitTimeout\)\. Its health check says: not yet/,
    );
  });

  it("says plainly what stands in the way, and leaves nothing behind", async () => {
    const taken = new Driven(token, `${prefix}taken`);
    const ports = [{ internal: 80, external: 18473, ip: "127.0.0.1" }];
    await taken.create({ ...base, name: `${prefix}taken`, ports });
    const other = new Driven(token, `${prefix}other`);
    await expect(other.create({ ...base, name: `${prefix}other`, ports })).rejects.toThrow(
      "The container regtest-prov-other could not be started: host port 18473 on 127.0.0.1 is taken by another container.",
    );
    expect(docker("ps", "-a", "--format", "{{.Names}}").split("\n")).not.toContain(`${prefix}other`);
    await expect(other.create({ ...base, name: `${prefix}taken` })).rejects.toThrow(
      /^The container regtest-prov-taken could not be made: the name regtest-prov-taken is taken by container [0-9a-f]{12}\.$/,
    );
    const missing = `sha256:${"0".repeat(64)}`;
    await expect(other.create({ ...base, image: missing })).rejects.toThrow(
      new RegExp(`could not be made: the Docker host has no image ${missing}`),
    );
    await expect(
      other.create({ ...base, name: `${prefix}other`, networksAdvanced: [{ name: `${prefix}nowhere` }] }),
    ).rejects.toThrow("could not be started: network regtest-prov-nowhere not found.");
  });
});

function without(object: PropertyMap, names: readonly string[]): PropertyMap {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
