import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conformance, outcomes } from "../support/conformance";
import { Stack } from "../support/stack";

/** The registry fails some of these tests by itself: what counts is that the gateway makes no difference. */
const stack = new Stack("conformance");
const users = [
  { name: "root", access: "admin" },
  { name: "limited", access: "admin", repositories: ["limited/*"] },
];
let suite: Awaited<ReturnType<typeof conformance>>;
let direct: Map<string, string>;
let ca: string;

beforeAll(async () => {
  suite = await conformance();
  if ("missing" in suite) return;
  await stack.start({ users });
  ca = `${stack.sandbox.folder()}/ca.crt`;
  writeFileSync(ca, stack.chain.root.certificate);
  direct = await outcomes({
    program: suite.program,
    registry: await stack.registryAddress(),
    repositories: "direct",
    results: stack.sandbox.folder(),
  });
}, 300_000);
afterAll(() => stack.remove());

async function through(user: string, repositories: string): Promise<Map<string, string>> {
  if ("missing" in suite) throw new Error(suite.missing);
  const { ip, port } = stack.client.options;
  return outcomes({
    program: suite.program,
    registry: `${ip}:${port}`,
    repositories,
    results: stack.sandbox.folder(),
    ca,
    user: await stack.user(user),
  });
}

const differences = (one: Map<string, string>, two: Map<string, string>) =>
  [...new Set([...one.keys(), ...two.keys()])]
    .filter((name) => one.get(name) !== two.get(name))
    .map(
      (name) =>
        `${name}: ${one.get(name) ?? "not run"} directly, ${two.get(name) ?? "not run"} through the gateway`,
    );

const ways = async () => {
  const count: Record<string, number> = {};
  for (const { way, method, status } of (await stack.logs()).access)
    if (method === "GET" && status === 200) count[String(way)] = (count[String(way)] ?? 0) + 1;
  return count;
};

describe("OCI conformance", () => {
  it("of the registry itself is what it is known to be", (context) => {
    if ("missing" in suite) return context.skip(suite.missing);
    const count = (outcome: string) => [...direct.values()].filter((found) => found === outcome).length;
    expect(count("passed")).toBeGreaterThan(400);
    expect(direct.size).toBeGreaterThan(600);
  });

  it.for([
    ["by an administrator, blobs from disk", "root", "fast", ""],
    ["by an administrator of these repositories", "limited", "limited", ""],
    ["by an administrator, all through the registry", "root", "slow", "closed\t700 /data\n"],
  ] as const)("is the same through the gateway: %s", async ([, user, repositories, found], context) => {
    if ("missing" in suite) return context.skip(suite.missing);
    stack.found = found;
    await stack.update({});
    const before = (await ways())["disk"] ?? 0;
    expect(differences(direct, await through(user, repositories))).toEqual([]);
    const disk = ((await ways())["disk"] ?? 0) - before;
    if (found === "") expect(disk).toBeGreaterThan(20);
    else expect(disk).toBe(0);
  });

  it("sees a difference where there is one", async (context) => {
    if ("missing" in suite) return context.skip(suite.missing);
    stack.found = "";
    await stack.update({});
    expect(differences(direct, await through("limited", "elsewhere")).length).toBeGreaterThan(100);
  });
});
