import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, all, have, run } from "./run";

const scripts = ["images", "scripts", "components", "test", "bench", ".ci"].flatMap((folder) =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".sh"))
        .map((file) => join(folder, file))
    : [],
);

test("there are scripts to check", () => {
  expect(scripts).toContain("images/provide.sh");
  expect(scripts).toContain("scripts/local-trust.sh");
});

test.skipIf(!have("shellcheck"))("shellcheck finds nothing in any script", async () => {
  const result = await run("shellcheck", ["--shell=sh", "--external-sources", "--source-path=.", ...scripts]);
  expect(all(result)).toBe("(exit code 0)");
});

test.skipIf(!have("dash")).each(scripts)("dash can read %s", async (script) => {
  const result = await run("dash", ["-n", script]);
  expect(all(result)).toBe("(exit code 0)");
});
