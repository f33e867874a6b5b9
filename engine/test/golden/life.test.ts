import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerAnswers } from "../providers/docker/docker-host";
import { hasSshd } from "../providers/command/sshd";
import { hasGolden } from "../state/golden";
import { GoldenProject } from "./golden-project";
import { writeFileSync } from "node:fs";

const skipped = !hasGolden || !dockerAnswers() || !hasSshd();

describe.skipIf(skipped)("the golden program (skipped without recording, Docker or sshd)", () => {
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
  ])("%s", async (name, step) => {
    await stack.atStep(step);
    const preview = await stack.project.run(["preview", "--json"], stack.options);
    writeFileSync(`/tmp/w/${name}.preview.json`, stack.asRecorded(preview.out) + preview.err);
    const up = await stack.project.run(["up", "--json", "--skip-preview"], stack.options);
    writeFileSync(`/tmp/w/${name}.events.jsonl`, stack.asRecorded(up.out) + up.err);
    const state = await stack.project.run(["stack", "export", "--show-secrets"], stack.options);
    writeFileSync(`/tmp/w/${name}.state.json`, stack.asRecorded(state.out) + state.err);
    expect(up.code).toBe(0);
  });
});
