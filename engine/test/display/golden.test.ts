import { beforeAll, describe, expect, it, vi } from "vitest";
import { hasGolden } from "../state/golden";
import { previewGolden, recordedPreview, type Digest, type DigestStep } from "./golden-runs";

beforeAll(() => vi.stubEnv("PULUMI_NODEJS_TRANSPILE_ONLY", "true"));

describe.skipIf(!hasGolden)(
  "previews as the real Pulumi recorded them (skipped where the golden runs are missing)",
  () => {
    it.each([
      ["1-create", 1, undefined],
      ["1-create.again", 1, "1-create"],
      ["2-change", 2, "1-create"],
      ["2-change.again", 2, "2-change"],
      ["3-remove", 3, "2-change"],
      ["3-remove.again", 3, "3-remove"],
    ])("%s", async (run, step, from) => {
      const expected = await recordedPreview(run);
      const found = await previewGolden(step, from);
      expect(found.diagnostics ?? []).toEqual([]);
      expect(found.changeSummary).toEqual(expected.changeSummary);
      expect(found.config).toEqual(expected.config);
      expect(byUrn(found)).toEqual(byUrn(expected));
    });
  },
);

/** Steps by operation and URN: independent ones may come in any order. */
function byUrn({ steps }: Digest): Record<string, unknown> {
  return Object.fromEntries(steps.map((step) => [`${step.op} ${step.urn}`, comparable(step)]));
}

/** A step without what differs from run to run, and without order where there is none. */
function comparable(step: DigestStep): unknown {
  // A replacement is told after it has been previewed as created: with the time of that, and with an id that the
  // command plugin draws even then.
  const replaced = { ...step.newState, created: undefined, modified: undefined, id: undefined };
  const shown = step.op === "replace" ? { ...step, newState: replaced } : step;
  return JSON.parse(
    JSON.stringify(shown, (name, value: unknown) => {
      if (name === "stackTrace" || name === "sourcePosition") return undefined;
      const isUnordered = name === "dependencies" || name === "diffReasons";
      return isUnordered && Array.isArray(value) ? [...(value as string[])].sort() : value;
    }),
  );
}
