import { randomBytes, X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Deployment, must, run, type Outputs } from "./deployment";

/**
 * Every secret of a deployment, and every place it might have leaked to. The command lines and environments of all
 * processes are watched all the while `make up` works.
 */
const deployment = new Deployment();
/** What a person brings; random, or this very file would hold it. */
const chosen = `by hand ${randomBytes(9).toString("hex")}`;
const seen = new Set<string>();
let outputs: Outputs;
let secrets: Map<string, string>;
let log: string;

beforeAll(async () => {
  await deployment.prepare();
  const watcher = watchProcesses();
  const first = await deployment.make("up");
  await deployment.set("users[2].name", "chosen", "--path");
  await deployment.set("users[2].access", "push", "--path");
  await run(
    "sh",
    [
      "-c",
      `./pulumiw config set --secret --path 'private-registry:users[2].password' --stack ${deployment.stack}`,
    ],
    {
      cwd: deployment.folder,
      env: deployment.env,
      input: chosen,
    },
  );
  const second = await deployment.make("up");
  watcher.stop();
  log = first.output + second.output;
  if (first.code !== 0 || second.code !== 0) throw new Error(log);
  outputs = await deployment.outputs();
  secrets = await everySecret();
});
afterAll(() => deployment.remove());

it("knows all the secrets it looks for", () => {
  expect(secrets.size).toBeGreaterThanOrEqual(3 + 3 + 3);
  expect(outputs.credentials["chosen"]).toBe(chosen);
  expect(new X509Certificate(outputs.caCertificate).ca).toBe(true);
});

it("keeps every secret out of the state in plain text, and out of every readable file of the checkout", () => {
  const files = fs.readdirSync(deployment.folder, { recursive: true, withFileTypes: true });
  for (const entry of files.filter((file) => file.isFile() && !file.parentPath.includes("node_modules"))) {
    const file = path.join(entry.parentPath, entry.name);
    const readable = (fs.statSync(file).mode & 0o077) !== 0;
    const isState = file.includes("/.pulumi/");
    if (readable || isState) expectClean(fs.readFileSync(file, "latin1"), file);
  }
});

it("keeps every secret out of docker inspect, image layers, and logs", async () => {
  const ids = (await deployment.containers()).map((line) => line.split(" ")[0] ?? "");
  expect(ids.length).toBeGreaterThanOrEqual(2);
  for (const id of ids) {
    expectClean(await must("docker", ["inspect", id]), `docker inspect ${id}`);
    expectClean((await run("docker", ["logs", id])).output, `docker logs ${id}`);
    const image = (await must("docker", ["inspect", "--format", "{{.Image}}", id])).trim();
    expectClean(await must("docker", ["history", "--no-trunc", image]), `docker history ${image}`);
  }
  const volumes = (await must("docker", ["volume", "ls", "-q", "--filter", `name=${deployment.prefix}`]))
    .trim()
    .split("\n");
  expectClean(await must("docker", ["volume", "inspect", ...volumes]), "docker volume inspect");
  expectClean(log, "what make up printed");
});

it("keeps every secret out of all command lines and environments", () => {
  expect(
    [...seen].some((text) => text.includes("write-files.sh")),
    "the watcher saw the run",
  ).toBe(true);
  for (const text of seen) expectClean(fromPulumi(text), "a process");
});

it("writes the files on the Docker host for their owner alone", async () => {
  for (const volume of [`${deployment.prefix}-gateway-files`, `${deployment.prefix}-registry-files`]) {
    const folder = (
      await must("docker", ["volume", "inspect", "--format", "{{.Mountpoint}}", volume])
    ).trim();
    for (const name of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const stat = fs.lstatSync(path.join(folder, name));
      if (stat.isFile()) expect([name, stat.mode & 0o777]).toEqual([name, 0o600]);
      if (stat.isDirectory()) expect([name, stat.mode & 0o777]).toEqual([name, 0o700]);
    }
  }
});

it("keeps the passphrase and the data about it for the user alone", () => {
  expect(fs.statSync(deployment.file(".state", "passphrase")).mode & 0o777).toBe(0o600);
});

/** The CLI hands the configuration to the program's own process in a variable; the embedded engine does not. */
function fromPulumi(environment: string): string {
  if (deployment.env["PULUMI_ENGINE"] !== "cli") return environment;
  return environment.replace(/(?<=^|\0)PULUMI_CONFIG=[^\0]*/, "");
}

/** A secret must not stand in `text`: neither as it is, nor as JSON or base64 would write it. */
function expectClean(text: string, where: string): void {
  for (const [name, secret] of secrets) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), ...base64Forms(secret)]) {
      if (text.includes(form)) expect.fail(`${name} stands in ${where}`);
    }
  }
}

/** `secret` as base64 writes it somewhere within other bytes: it takes three at a time, so there are three ways. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const whole = bytes.length - (bytes.length % 3);
    return bytes.subarray(before > 0 ? 3 : 0, whole).toString("base64");
  });
}

/** Passwords, private keys, password hashes and the HTTP secret, as they are on the Docker host. */
async function everySecret(): Promise<Map<string, string>> {
  const found = new Map(
    Object.entries(outputs.credentials).map(([name, password]) => [`password of ${name}`, password]),
  );
  const folder = async (volume: string) =>
    path.join(
      (await must("docker", ["volume", "inspect", "--format", "{{.Mountpoint}}", volume])).trim(),
      "current",
    );
  const gateway = await folder(`${deployment.prefix}-gateway-files`);
  const key = fs.readFileSync(path.join(gateway, "server.key"), "utf8");
  found.set("server key", key.split("\n")[1] ?? "");
  for (const line of fs.readFileSync(path.join(gateway, "users.htpasswd"), "utf8").trim().split("\n")) {
    found.set(`hash of ${line.split(":")[0] ?? ""}`, line.slice(line.indexOf(":") + 1));
  }
  const verifiers = fs.readFileSync(path.join(gateway, "verifiers.map"), "utf8");
  for (const [, name = "", verifier = ""] of verifiers.matchAll(/^"(.+)" "(.+)";$/gm))
    found.set(`verifier of ${name}`, verifier);
  const config = fs.readFileSync(
    path.join(await folder(`${deployment.prefix}-registry-files`), "config.yml"),
    "utf8",
  );
  found.set("HTTP secret", /secret: "?([0-9a-f]+)/.exec(config)?.[1] ?? "");
  found.set("passphrase", deployment.read(".state", "passphrase").trim());
  const exported = JSON.parse((await deployment.pulumi("stack", "export", "--show-secrets")).stdout) as {
    deployment: {
      resources: { type: string; urn: string; outputs?: { privateKeyPem?: { plaintext?: string } } }[];
    };
  };
  for (const { urn, outputs: of } of exported.deployment.resources) {
    const pem = of?.privateKeyPem?.plaintext;
    if (pem !== undefined) found.set(`key ${urn}`, (JSON.parse(pem) as string).split("\n")[1] ?? "");
  }
  for (const [name, secret] of found) if (secret.length < 8) throw new Error(`${name} was not found`);
  return found;
}

function watchProcesses(): { stop: () => void } {
  const own = String(process.pid);
  const look = () => {
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== own)) {
      for (const file of ["cmdline", "environ"]) {
        try {
          seen.add(fs.readFileSync(`/proc/${pid}/${file}`, "latin1"));
        } catch {
          // The process has ended.
        }
      }
    }
  };
  const timer = setInterval(look, 50);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
