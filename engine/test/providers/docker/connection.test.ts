import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/docker";
import { connect } from "../../../src/providers/docker/connection";
import { dockerAnswers, Driven, prefix } from "./docker-host";

describe("the provider's configuration", () => {
  it("refuses what it cannot honour, everything at once", () => {
    const inputs = { host: "npipe:////./pipe/docker", certPath: "/certs", sshOpt: "[]", version: "5.2.0" };
    const { failures } = provider.checkConfig?.(inputs) ?? { failures: [] };
    expect(failures.map(({ property, reason }) => `${property} ${reason}`)).toEqual([
      expect.stringMatching(/^certPath is not in the embedded engine: install Pulumi/),
      'sshOpt is not known; did you mean "sshOpts"?',
      'host must be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST, not "npipe:////./pipe/docker"',
    ]);
  });

  it("passes on what it knows", () => {
    const inputs = { host: "ssh://root@registry.test:2222", sshOpts: '["-i","key"]', version: "5.2.0" };
    expect(provider.checkConfig?.(inputs)).toEqual({ inputs, failures: [] });
  });

  it("says so when no Docker answers", async () => {
    const configured = provider.configure({ host: "unix:///nowhere/docker.sock" });
    const network = new Driven("docker:index/network:Network", "x", configured);
    await expect(network.create({ name: "x" })).rejects.toThrow(
      /^The network x could not be made: Docker does not answer \(.*\/nowhere\/docker\.sock\)\.$/,
    );
  });
});

describe("a Docker host behind SSH", () => {
  const path = process.env["PATH"] ?? "";
  let folder = "";

  /** An `ssh` that notes its arguments and then does what the far side would. */
  const fakeSsh = (body: string): void => {
    writeFileSync(join(folder, "ssh"), `#!/bin/sh\nprintf '%s\\n' "$@" > '${folder}/arguments'\n${body}\n`);
    chmodSync(join(folder, "ssh"), 0o755);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), prefix));
    process.env["PATH"] = `${folder}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });

  const inputs = { host: "ssh://deploy@registry.test:2222", sshOpts: '["-o","BatchMode=yes"]' };

  it.skipIf(!dockerAnswers())(
    "is reached through ssh and docker system dial-stdio (skipped without Docker)",
    async () => {
      fakeSsh("exec docker system dial-stdio");
      const docker = connect(inputs);
      const local = connect({});
      expect(((await docker.info()) as { ID: string }).ID).toBe(((await local.info()) as { ID: string }).ID);
      // Several at once, over kept and new connections.
      const lists = await Promise.all(Array.from({ length: 12 }, () => docker.listNetworks()));
      expect(lists.every((networks) => networks.some(({ Name }) => Name === "bridge"))).toBe(true);
      expect(readFileSync(join(folder, "arguments"), "utf8").trim().split("\n")).toEqual([
        "-o",
        "BatchMode=yes",
        "-p",
        "2222",
        "--",
        "deploy@registry.test",
        "docker",
        "system",
        "dial-stdio",
      ]);
    },
  );

  it("says what ssh said when it fails", async () => {
    fakeSsh("echo 'deploy@registry.test: Permission denied (publickey).' >&2; exit 255");
    const network = new Driven("docker:index/network:Network", "x", provider.configure(inputs));
    await expect(network.create({ name: "x" })).rejects.toThrow(
      "The network x could not be made: ssh deploy@registry.test ended with 255: deploy@registry.test: Permission denied (publickey).",
    );
  });
});
