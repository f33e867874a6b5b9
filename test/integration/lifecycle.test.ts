import * as fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "./client";
import { Deployment, must, run, type Outputs } from "./deployment";
import { SlowPush } from "./slow-push";

/** One deployment's whole life, in order: each step rests on the one before. */
describe("a registry's life, from make up to make destroy and back", () => {
  const deployment = new Deployment();
  let outputs: Outputs;
  let client: DockerClient;
  let pushed: { name: string; id: string };

  beforeAll(async () => {
    await deployment.prepare();
  });
  afterAll(() => deployment.remove());

  it("comes up at the first try, with the smoke test passed", async () => {
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    expect(up.stdout).toMatch(/docker login -u admin registry\./);
    outputs = await deployment.outputs();
    expect(outputs.url).toBe(`https://${outputs.address}`);
    expect(outputs.address).toMatch(new RegExp(`^registry\\.${deployment.stack}\\.test:\\d+$`));
    expect(new Date(outputs.certificateExpires).getTime()).toBeGreaterThan(Date.now());
    expect(Object.keys(outputs.credentials).sort()).toEqual(["admin", "ci"]);
    client = new DockerClient(deployment, outputs.address);
  });

  it("changes nothing the second time", async () => {
    const before = await deployment.containers();
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    expect(up.output).not.toMatch(/\d+ (created|updated|replaced|deleted|changed)/);
    expect(up.output).toMatch(/\d+ unchanged/);
    expect(await deployment.containers()).toEqual(before);
  });

  it("refuses a wrong password, and lets a user log in, push and pull with Docker as printed", async () => {
    const refused = await client.login("ci", "not the password");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/unauthorized/i);
    const login = await client.login("ci", outputs.credentials["ci"] ?? "");
    expect(login.code, login.output).toBe(0);
    const name = await client.image("team/app:1", 2);
    const id = await client.imageId(name);
    const push = await client.docker(["push", name]);
    expect(push.code, push.output).toBe(0);
    expect(await client.pullFresh(name)).toBe(id);
    pushed = { name, id };
  });

  it("serves skopeo and curl with the trust of this machine", async () => {
    const inspect = await run("skopeo", [
      "inspect",
      "--authfile",
      deployment.file("docker-config", "config.json"),
      `docker://${pushed.name}`,
    ]);
    expect(inspect.code, inspect.output).toBe(0);
    expect((JSON.parse(inspect.stdout) as { RepoTags: string[] }).RepoTags).toEqual(["1"]);
    const curl = await run("curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", `${outputs.url}/v2/`]);
    expect(curl.output).toBe("401");
  });

  it("adds a user and renews the certificate while a push is running, and cuts nothing", async () => {
    const containers = await deployment.containers();
    const slow = new SlowPush(outputs, "ci", outputs.credentials["ci"] ?? "");
    await slow.begin("team/slow");
    const big = await client.image("team/big:1", 100);
    const pushing = client.docker(["push", big]);
    await deployment.set("users[2].name", "late", "--path");
    await deployment.set("users[2].access", "pull", "--path");
    await deployment.set("certificate.serverDays", "400", "--path");
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    expect(slow.running, "the upload has outlasted the reload").toBe(true);
    expect(await slow.finish()).toBe(201);
    const push = await pushing;
    expect(push.code, push.output).toBe(0);
    expect(await deployment.containers(), "no container was replaced").toEqual(containers);
    const after = await deployment.outputs();
    expect(after.certificateExpires).not.toBe(outputs.certificateExpires);
    expect(after.credentials["ci"]).toBe(outputs.credentials["ci"]);
    expect((await client.login("late", after.credentials["late"] ?? "")).code).toBe(0);
    outputs = after;
  });

  it("takes a removed user's access away", async () => {
    const file = fs.readFileSync(deployment.settingsFile, "utf8");
    fs.writeFileSync(deployment.settingsFile, file.replace(/ {4}- name: late\n {6}access: pull\n/, ""));
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    expect((await client.login("late", outputs.credentials["late"] ?? "")).code).not.toBe(0);
    expect((await client.login("ci", outputs.credentials["ci"] ?? "")).code).toBe(0);
  });

  it("hands over to a new container when the registry's config changes, and keeps the images", async () => {
    const before = await deployment.containers();
    const config = deployment.file("components", "registry", "config.ts");
    fs.writeFileSync(config, fs.readFileSync(config, "utf8").replace('level: "warn"', 'level: "error"'));
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    const gateway = `${deployment.prefix}-gateway`;
    const after = await deployment.containers();
    expect(after).toHaveLength(before.length);
    expect(after.filter((line) => !line.includes(gateway))).not.toEqual(
      before.filter((line) => !line.includes(gateway)),
    );
    expect(after.filter((line) => line.includes(gateway))).toEqual(
      before.filter((line) => line.includes(gateway)),
    );
    expect(await client.pullFresh(pushed.name)).toBe(pushed.id);
  });

  it("notices and repairs what was changed by hand: a file, a stopped container, a removed one", async () => {
    const gateway = `${deployment.prefix}-gateway`;
    const volume = `${gateway}-files`;
    const image = (await must("docker", ["inspect", "--format", "{{.Image}}", gateway])).trim();
    await must("docker", [
      ...["run", "--rm", "--user", "0:0", "--entrypoint", "/bin/sh", "-v", `${volume}:/files`, image],
      ...["-c", "echo intruder:{PLAIN}x >> /files/current/users.htpasswd"],
    ]);
    expect((await client.login("intruder", "x")).code, "the edit counts at once").toBe(0);
    const preview = await deployment.make("preview");
    expect(preview.output).toMatch(/1 to update|to update/);
    expect((await deployment.make("up")).code).toBe(0);
    expect((await client.login("intruder", "x")).code).not.toBe(0);

    await must("docker", ["stop", gateway]);
    expect((await deployment.make("up")).code).toBe(0);
    expect((await client.login("ci", outputs.credentials["ci"] ?? "")).code).toBe(0);

    const registry =
      (await deployment.containers()).find((line) => !line.includes(gateway))?.split(" ")[0] ?? "";
    await must("docker", ["rm", "--force", registry]);
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    expect(await client.pullFresh(pushed.name)).toBe(pushed.id);
    const again = await deployment.make("up");
    expect(again.output).not.toMatch(/\d+ (created|updated|replaced|deleted|changed)/);
  });

  it("leaves only the data when it is destroyed, and has the images again when it comes back", async () => {
    const destroy = await deployment.make("destroy");
    expect(destroy.code, destroy.output).toBe(0);
    expect(await deployment.containers()).toEqual([]);
    expect((await run("docker", ["volume", "ls", "-q"])).stdout).not.toContain(deployment.prefix);
    expect((await run("docker", ["network", "ls"])).stdout).not.toContain(deployment.prefix);
    expect(fs.existsSync(deployment.file(".state", deployment.stack, "data", "docker"))).toBe(true);
    // That every byte is as before is proved in a machine of the script's own; this one is shared with other tests.
    expect(fs.readFileSync("/etc/hosts", "utf8")).not.toContain(deployment.stack);
    expect(fs.existsSync(`/etc/docker/certs.d/${outputs.address}`)).toBe(false);

    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    const fresh = await deployment.outputs();
    expect((await client.login("ci", fresh.credentials["ci"] ?? "")).code).toBe(0);
    expect(await client.pullFresh(pushed.name)).toBe(pushed.id);
  });
});
