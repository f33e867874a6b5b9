import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/run";
import { Deployment, must, run } from "./deployment";

/** What goes wrong at two in the morning: each time a clear line, a code other than 0, and nothing changed. */
describe("a deployment that is up, and what can go wrong with it", () => {
  const deployment = new Deployment();
  let settings: string;
  let state: string;
  let containers: string[];

  beforeAll(async () => {
    await deployment.prepare();
    const up = await deployment.make("up");
    if (up.code !== 0) throw new Error(up.output);
    settings = fs.readFileSync(deployment.settingsFile, "utf8");
    state = fs.readFileSync(deployment.stateFile, "utf8");
    containers = await deployment.containers();
  });
  beforeEach(() => {
    fs.writeFileSync(deployment.settingsFile, settings);
    fs.writeFileSync(deployment.stateFile, state);
  });
  afterAll(async () => {
    fs.writeFileSync(deployment.settingsFile, settings);
    fs.writeFileSync(deployment.stateFile, state);
    await deployment.remove();
  });

  async function expectRefused(target: "up" | "preview", ...messages: (string | RegExp)[]): Promise<void> {
    const result = await deployment.make(target);
    expect(result.code, result.output).not.toBe(0);
    for (const message of messages) expect(result.output).toMatch(message);
    expect(await deployment.containers()).toEqual(containers);
  }

  it("reports every wrong setting at once", async () => {
    deployment.edit("hostname", "registry");
    deployment.edit("port", 70_000);
    deployment.edit("prot", 8000);
    await expectRefused(
      "up",
      /registry:hostname .*found "registry"/,
      /registry:port .*1 to 65535; found 70000/,
      /did you mean port/,
    );
  });

  it("names the container that holds the port", async () => {
    const other = `regtest-holder-${deployment.stack}`;
    const image = (
      await must("docker", ["inspect", "--format", "{{.Image}}", `${deployment.prefix}-gateway`])
    ).trim();
    await must("docker", [
      "run",
      "-d",
      "--name",
      other,
      "--entrypoint",
      "/bin/sh",
      "-p",
      "127.0.0.1::80",
      image,
      "-c",
      "sleep 600",
    ]);
    try {
      const port = /:(\d+)$/m.exec(await must("docker", ["port", other]))?.[1] ?? "";
      deployment.edit("port", Number(port));
      deployment.edit("bindAddress", "0.0.0.0");
      await expectRefused("up", new RegExp(`port ${port} on 0.0.0.0 is taken by the container ${other}`));
    } finally {
      await run("docker", ["rm", "-f", other]);
    }
  });

  it("says that another program holds the port", async () => {
    const server = net.createServer().listen(0, "0.0.0.0");
    await once(server, "listening");
    try {
      const { port } = server.address() as net.AddressInfo;
      deployment.edit("port", port);
      await expectRefused("preview", new RegExp(`port ${port} on 172.* is taken by another program`));
    } finally {
      server.close();
    }
  });

  it("refuses a data path that is a file, or on a read-only file system", async () => {
    fs.writeFileSync(deployment.file("a-file"), "");
    deployment.edit("dataPath", deployment.file("a-file"));
    await expectRefused("up", /dataPath .*a-file is not a folder/);
    deployment.edit("dataPath", "/proc/registry");
    await expectRefused("up", /dataPath \/proc\/registry cannot be written to/);
  });

  it("says that Docker does not answer, and where", async () => {
    deployment.edit("dockerHost", "unix:///run/regtest-nobody.sock");
    await expectRefused("preview", /No Docker engine answers at unix:\/\/\/run\/regtest-nobody\.sock/);
    deployment.edit("dockerHost", "ssh://nobody@127.0.0.1:1");
    deployment.edit("dataPath", "/srv/registry");
    await expectRefused("preview", /No Docker engine answers at ssh:\/\/nobody@127\.0\.0\.1:1/);
  });

  it("says what was tried for an image that cannot be had", async () => {
    deployment.edit("images", { mode: "pull", gateway: "127.0.0.1:1/nothing:1" });
    await expectRefused("up", /127\.0\.0\.1:1\/nothing:1/);
  });

  it("refuses a wrong passphrase before anything happens", async () => {
    const passphrase = deployment.read(".state", "passphrase");
    fs.writeFileSync(deployment.file(".state", "passphrase"), "wrong");
    try {
      await expectRefused("up", /incorrect passphrase/);
    } finally {
      fs.writeFileSync(deployment.file(".state", "passphrase"), passphrase);
    }
    expect(fs.readFileSync(deployment.stateFile, "utf8")).toBe(state);
  });

  it("refuses a state that is cut in half, and overwrites nothing", async () => {
    const half = state.slice(0, state.length / 2);
    fs.writeFileSync(deployment.stateFile, half);
    // The CLI says that it cannot be read, the embedded engine also which file, and the way back.
    const cli = deployment.env["PULUMI_ENGINE"] === "cli";
    await expectRefused("up", cli ? /checkpoint/ : new RegExp(`cp .*${deployment.stack}\\.json`));
    expect(fs.readFileSync(deployment.stateFile, "utf8")).toBe(half);
  });

  it("tells the second of two runs who is at work", async () => {
    fs.appendFileSync(
      deployment.file("index.ts"),
      "\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000);\n",
    );
    const first = deployment.start("up");
    const ended = once(first, "exit");
    try {
      await until("a lock", () => deployment.locks().length > 0);
      const second = await deployment.pulumi("up", "--yes");
      expect(second.code).not.toBe(0);
      expect(second.output).toMatch(/lock/i);
      expect(second.output).toMatch(/pid \d+/);
    } finally {
      await ended;
      fs.writeFileSync(deployment.file("index.ts"), deployment.read("index.ts").replace(/\nAtomics.*\n/, ""));
    }
    expect(first.exitCode).toBe(0);
  });
});
