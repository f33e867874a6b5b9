import * as fs from "node:fs";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { renderRegistryConfig } from "../../components/registry/config";
import { dockerRunArgs } from "../support/docker-args";
import { registryContainer, runProgram } from "../support/program";
import { must, run, until } from "../support/run";
import { Sandbox } from "../support/sandbox";
import { writeFiles } from "../support/volume-files";

/** The real registry, with the config and the options the program declares, asked from a container beside it. */
const sandbox = new Sandbox("registry-config");
const images = inject("images");
const containers = [1, 2].map((number) => `${sandbox.name}-${number}`);

beforeAll(async () => {
  const volume = await sandbox.volume();
  const config = renderRegistryConfig({ httpSecret: "5e".repeat(32) });
  const written = await writeFiles(
    { volume, image: images.gateway, revision: "rev-1", owner: "65534:65534" },
    { "config.yml": config },
  );
  expect(written.output).toBe("");
  await must("docker", ["network", "create", sandbox.name]);
  const data = sandbox.folder();
  fs.chownSync(data, 65534, 65534);
  const declared = (await runProgram()).one(registryContainer).inputs;
  const { options } = dockerRunArgs({
    ...declared,
    user: "65534:65534",
    networksAdvanced: [{ name: sandbox.name, aliases: ["registry"] }],
    volumes: [
      { hostPath: data, containerPath: "/var/lib/registry" },
      { volumeName: volume, containerPath: "/etc/registry", readOnly: true },
    ],
  });
  for (const name of containers) {
    await must("docker", [
      "run",
      "--detach",
      "--name",
      name,
      ...options,
      images.registry,
      "serve",
      "/etc/registry/rev-1/config.yml",
    ]);
  }
  const { tests } = declared["healthcheck"] as { tests: string[] };
  for (const name of containers) {
    await until(
      `${name} is healthy`,
      async () => (await run("docker", ["exec", name, ...tests.slice(1)])).code === 0,
    );
  }
  await must("docker", [
    "run",
    "--detach",
    "--name",
    `${sandbox.name}-client`,
    "--network",
    sandbox.name,
    "--entrypoint",
    "sleep",
    images.gateway,
    "600",
  ]);
});
afterAll(() => sandbox.remove());

/** Status, headers and body that the registry sends for one raw request. */
async function ask(container: string, port: number, request: string, body = ""): Promise<string> {
  const text = `${request} HTTP/1.0\r\nHost: registry.example.com:8000\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  return must("docker", ["exec", "-i", `${sandbox.name}-client`, "nc", "-w", "5", container, String(port)], {
    input: text,
  });
}

const [one = "", two = ""] = containers;

it("answers, healthy, with metrics for the private network", async () => {
  expect(await ask(one, 5000, "GET /v2/")).toMatch(/^HTTP\/1\.0 200 OK[^]*X-Content-Type-Options: nosniff/);
  expect(await ask(one, 5001, "GET /debug/health")).toMatch(/^HTTP\/1\.0 200 OK/);
  expect(await ask(one, 5001, "GET /metrics")).toMatch(/registry_storage_/);
});

it("publishes no port", async () => {
  expect(await must("docker", ["port", one])).toBe("");
});

it("goes on with an upload that another container with the same config began: the HTTP secret is the same", async () => {
  const begun = await ask(one, 5000, "POST /v2/a/blobs/uploads/");
  const location = /Location: http:\/\/[^/]+(\S+)/.exec(begun)?.[1] ?? "";
  const digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const done = await ask(two, 5000, `PUT ${location}&digest=${digest}`, "hello");
  expect(done).toMatch(/^HTTP\/1\.0 201 Created/);
  expect(await ask(one, 5000, `GET /v2/a/blobs/${digest}`)).toMatch(/hello$/);
  expect(await ask(one, 5000, `DELETE /v2/a/blobs/${digest}`), "deletion is enabled").toMatch(
    /^HTTP\/1\.0 202/,
  );
});

it("says nothing while all is well", async () => {
  for (const name of containers) expect((await run("docker", ["logs", name])).output).toBe("");
});

it("finishes what it has begun when it is told to stop", async () => {
  await must("docker", ["stop", two]);
  expect(await must("docker", ["inspect", "--format", "{{.State.ExitCode}}", two])).toBe("0");
});
