import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Folder, all, run, type Result } from "../unit/scripts/run";
import { Containers, noDocker } from "./containers";
import { faultyRegistry, type Fault } from "./faulty-registry";
import { PASSWORD, USER, authority, tlsRegistry, type TlsRegistry } from "./tls-registry";

vi.setConfig({ testTimeout: 60_000 });

const folder = new Folder();
const containers = new Containers();
let registry: TlsRegistry;

function smoke(input: Record<string, unknown> = {}): Promise<Result> {
  const given = {
    hostname: "registry.test",
    port: registry.port,
    connect: "127.0.0.1",
    ca: registry.ca,
    user: USER,
    password: PASSWORD,
  };
  // A machine that is told to believe everybody must not help.
  const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_NO_WARNINGS: "1" };
  return run("node", ["scripts/smoke.mjs"], {
    env,
    input: JSON.stringify({ patience: 500, ...given, ...input }),
  });
}

describe.skipIf((await noDocker()) !== undefined)("the smoke test against a real registry behind TLS", () => {
  beforeAll(async () => {
    registry = await tlsRegistry(containers, folder, "first", "registry.test");
  }, 600_000);
  afterAll(async () => {
    await containers.dispose();
    folder.dispose();
  });

  test("passes, quickly, under a name that this machine cannot resolve", async () => {
    const started = Date.now();
    const result = await smoke();
    expect(result.code, all(result)).toBe(0);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(result.stdout.match(/^ok {2}/gm)).toHaveLength(7);
    expect(result.stdout).toContain("deleted it again");
    expect(all(result)).not.toContain(PASSWORD);
  });

  test("leaves no image and no tag behind", async () => {
    expect((await tags(registry)).tags ?? []).toEqual([]);
  });

  test("a registry that does not delete keeps the image, and that is no failure", async () => {
    const keeping = await tlsRegistry(containers, folder, "keeping", "registry.test", { deletes: false });
    const result = await smoke({ port: keeping.port, ca: keeping.ca });
    expect(result.code, all(result)).toBe(0);
    expect(result.stdout).toContain("left it there (delete: status 405)");
    expect((await tags(keeping)).tags).toEqual([expect.stringMatching(/^smoke-/)]);
  });

  test.each([
    [
      "a wrong password",
      { password: "wrong" },
      /^failed {2}log in as ann\n {2}expected: status 200\n {2}found: {4}status 401/m,
    ],
    [
      "a name that the certificate is not for",
      { hostname: "other.test" },
      /found: .*other\.test.*\n {2}look at: {2}hostname and certificate/,
    ],
    ["nobody at the port", { port: 1 }, /found: .*ECONNREFUSED.*\n {2}look at: {2}docker ps/],
    ["a missing value", { user: "" }, /missing or ill-formed: user; it takes a JSON object/],
  ])("fails clearly with %s", async (_what, input, message) => {
    const result = await smoke(input);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain(PASSWORD);
  });

  test("refuses a registry of another CA, and the machine's own authorities", async () => {
    const bundle = readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8");
    for (const ca of [authority(folder, "stranger"), bundle]) {
      const result = await smoke({ ca });
      expect(result.code).toBe(1);
      expect(result.stdout).toBe("");
      expect(result.stderr).toMatch(/look at: {2}whether this stack's gateway is what answers/);
    }
  });

  test.each<[Fault, RegExp]>([
    ["nothing", /^$/],
    [
      "open to all",
      /^failed {2}a request without a user\n {2}expected: status 401\n {2}found: {4}status 200/,
    ],
    [
      "flips a bit",
      /^failed {2}a pulled blob\n {2}expected: 150\d{4} bytes, sha256:\w+\n {2}found: {4}150\d{4} bytes, sha256:/,
    ],
    [
      "sends uploads elsewhere",
      /^failed {2}upload[^]*found: .*sends clients to https:\/\/registry\.test:1 instead of/,
    ],
  ])("tells a registry with this fault: %s", async (fault, message) => {
    const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    const { port, server } = await faultyRegistry(fault, join(folder.path, "first"), authorization);
    const result = await smoke({ port });
    server.close();
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(fault === "nothing" ? 0 : 1);
  });
});

/** The tags of the smoke test's repository. */
async function tags(target: TlsRegistry): Promise<{ name: string; tags: string[] | null }> {
  const ca = folder.file("tags.pem", target.ca);
  const url = `https://registry.test:${String(target.port)}/v2/private-registry/smoke/tags/list`;
  const resolve = `registry.test:${String(target.port)}:127.0.0.1`;
  const result = await run("curl", ["-sS", "--cacert", ca, "--resolve", resolve, "-K", "-", url], {
    input: `user = "${USER}:${PASSWORD}"\n`,
  });
  return JSON.parse(result.stdout) as { name: string; tags: string[] | null };
}
