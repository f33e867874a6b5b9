import { describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/docker";
import { defaultsKey } from "../../../src/providers/docker/bridge/convert";
import { recovered, recorded } from "../../../src/providers/docker/bridge/outputs";
import { containerFields } from "../../../src/providers/docker/container/fields";
import { networkFields } from "../../../src/providers/docker/network";
import { remoteImageFields } from "../../../src/providers/docker/remote-image";
import { volumeFields } from "../../../src/providers/docker/volume";
import { plan, refreshed } from "../../../src/providers/docker/terraform/plan";
import type { ResourceType } from "../../../src/providers/provider";
import type { PropertyMap, Value } from "../../../src/values/value";
import { goldenDocker, type GoldenResource } from "./golden";

const steps = ["1-create", "2-change", "3-remove"];
const { resources } = provider.configure({});
const fieldsOf = {
  "docker:index/container:Container": containerFields,
  "docker:index/network:Network": networkFields,
  "docker:index/remoteImage:RemoteImage": remoteImageFields,
  "docker:index/volume:Volume": volumeFields,
};

describe.skipIf(goldenDocker("1-create") === undefined).each(steps)(
  "the recorded run %s (skipped without ../shared/golden)",
  (step) => {
    const recordings = goldenDocker(step) ?? [];

    it("has all four resource types", () => {
      expect(recordings.map(({ type }) => type).sort()).toEqual(Object.keys(fieldsOf).sort());
    });

    it.each(recordings)("$type: check gives the recorded inputs", async ({ urn, type, inputs }) => {
      const news = withoutDefaults(inputs) as PropertyMap;
      const fresh = await resourceType(type).check({ urn, news });
      expect(fresh).toEqual({ inputs, failures: [] });
      const again = await resourceType(type).check({ urn, olds: inputs, news });
      expect(again).toEqual({ inputs, failures: [] });
    });

    it.each(recordings)("$type: diff finds nothing to do", async (recording) => {
      expect(await diff(recording, recording.inputs)).toMatchObject({
        changes: "none",
        replaces: [],
        diffs: [],
        detailedDiff: {},
      });
    });

    it.each(recordings)(
      "$type: outputs survive the way to Terraform's state and back",
      ({ type, id, outputs }) => {
        const fields = fieldsOf[type as keyof typeof fieldsOf];
        const meta = outputs["__meta"];
        expect(
          recorded(fields, recovered(fields, outputs, id), typeof meta === "string" ? meta : undefined),
        ).toEqual(outputs);
      },
    );

    it.each(recordings)(
      "$type: a refresh that finds everything unchanged changes nothing",
      ({ type, id, outputs }) => {
        const fields = fieldsOf[type as keyof typeof fieldsOf];
        const state = refreshed(fields, recovered(fields, outputs, id), {}, id);
        expect(plan(fields, recovered(fields, outputs, id), state)).toMatchObject({
          changed: false,
          replace: false,
        });
      },
    );
  },
);

describe.skipIf(goldenDocker("2-change") === undefined)(
  "the recorded change of a label (skipped without ../shared/golden)",
  () => {
    it("replaces the container, old one first, for the reason the real plugin gives", async () => {
      const before = container("1-create");
      const after = container("2-change");
      expect(await diff(before, after.inputs)).toMatchObject({
        changes: "some",
        replaces: ["labels"],
        diffs: ["labels"],
        deleteBeforeReplace: true,
        detailedDiff: { "labels[0].value": { kind: "update-replace", inputDiff: false } },
      });
    });
  },
);

function container(step: string): GoldenResource {
  const found = goldenDocker(step)?.find(({ type }) => type === "docker:index/container:Container");
  if (found === undefined) throw new Error(`The recording ${step} has no container.`);
  return found;
}

function diff({ urn, type, id, inputs, outputs }: GoldenResource, news: PropertyMap) {
  return resourceType(type).diff({
    urn,
    id,
    oldInputs: inputs,
    oldOutputs: outputs,
    news,
    ignoreChanges: [],
  });
}

function resourceType(type: string): ResourceType {
  const found = resources[type];
  if (found === undefined) throw new Error(`There is no resource type ${type}.`);
  return found;
}

/** What the program wrote: inputs without what check filled in. */
function withoutDefaults(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  const members = value as PropertyMap;
  const filledIn = members[defaultsKey];
  const skip = Array.isArray(filledIn) ? [defaultsKey, ...(filledIn as string[])] : [];
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, item]) =>
      skip.includes(name) ? [] : [[name, withoutDefaults(item)]],
    ),
  );
}
