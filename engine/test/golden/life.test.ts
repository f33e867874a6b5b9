import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RealParts } from "../real-parts";
import { golden, hasGolden } from "../state/golden";
import { differences } from "./differences";
import { GoldenProject } from "./golden-project";
import { asEvents, dependencyFaults, digest } from "./recorded-events";
import { readable, recordedState, type ExportedResource } from "./recorded-state";

const skipped = !hasGolden || !RealParts.canBeHad();

/** What no two runs have in common: ids, times, keys and what is made from them, addresses Docker has chosen. */
const volatile = [
  /^\.(created|modified|provider|id)$/,
  /\.id$|\.(imageId|image|hostname)$/,
  /\.(gateway|subnet|ipAddress|ipPrefixLength|macAddress)$/,
  /Pem(Pkcs8)?(\.secret)?$|[oO]penssh(\.secret)?$|\.publicKeyFingerprint(Md5|Sha256)$/,
  /\.validity(Start|End)Time$|\.(chain|caChain)$/,
  /\.(result|bcryptHash|base64|hex|saltBase64|secretPassword|stdin|stdout)(\.secret)?$/,
  /\.connection\.secret\.(port|hostKey|privateKey\.secret)$/,
  /\.ports\[0\]\.external$/,
];

describe.skipIf(skipped)("the golden program, for real (skipped without recording, Docker or sshd)", () => {
  let stack: GoldenProject;
  beforeAll(async () => {
    stack = await GoldenProject.start();
    await stack.init();
  }, 120_000);
  afterAll(() => stack.stop());

  it.each([
    ["1-create", 1],
    ["2-change", 2],
    ["3-remove", 3],
  ])(
    "%s: the recorded events, in an order that respects dependencies, and the recorded state",
    async (name, step) => {
      await stack.atStep(step);
      expectEvents(name, await stack.project.ok(["up", "--json", "--yes", "--skip-preview"], stack.options));
      const found = await readable(
        stack.asRecorded(await stack.project.ok(["stack", "export"], stack.options)),
      );
      const { deployment } = await recordedState(name);
      expect(Object.keys(found.deployment)).toEqual(Object.keys(deployment));
      const { resources = [] } = deployment;
      const byUrn = new Map((found.deployment.resources ?? []).map((resource) => [resource.urn, resource]));
      expect([...byUrn.keys()].sort()).toEqual(resources.map(({ urn }) => urn).sort());
      for (const recorded of resources) expectSame(recorded, byUrn.get(recorded.urn));
      await stack.project.ok(["preview", "--expect-no-changes"], stack.options);
    },
    120_000,
  );

  it("4-destroy: the recorded events, and nothing is left", async () => {
    expectEvents(
      "4-destroy",
      await stack.project.ok(["destroy", "--json", "--yes", "--skip-preview"], stack.options),
    );
    const left = await readable(await stack.project.ok(["stack", "export"], stack.options));
    expect(left.deployment.resources ?? []).toEqual([]);
  }, 120_000);

  function expectEvents(name: string, out: string): void {
    const recorded = asEvents(readFileSync(golden(`runs/${name}.events.jsonl`), "utf8"));
    const found = asEvents(stack.asRecorded(out));
    expect(digest(found)).toEqual(digest(recorded));
    expect(dependencyFaults(recorded)).toEqual([]);
    expect(dependencyFaults(found)).toEqual([]);
  }
});

/** Field for field, the order of the fields too. */
function expectSame(recorded: ExportedResource, found: ExportedResource | undefined): void {
  expect(Object.keys(found ?? {}), recorded.urn).toEqual(Object.keys(recorded));
  const unexpected = differences(recorded, found).filter((difference) => {
    const path = difference.slice(0, difference.indexOf(": "));
    return !volatile.some((pattern) => pattern.test(path)) || difference.includes("absent");
  });
  expect(unexpected, recorded.urn).toEqual([]);
}
