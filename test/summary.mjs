// Reads Vitest's JSON report: names the skipped and the failed tests, and counts them all in one plain line.
import * as fs from "node:fs";

const report = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const tests = report.testResults.flatMap((file) =>
  file.assertionResults.map((test) => ({ ...test, file: file.name.replace(`${process.cwd()}/`, "") })),
);
const of = (...states) => tests.filter((test) => states.includes(test.status));
const passed = of("passed");
const failed = of("failed");
const skipped = of("skipped", "pending", "todo");
// A file that could not even be loaded, or whose set-up failed, has no failed test of its own.
const broken = report.testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);

for (const test of skipped) console.log(`skipped: ${test.file}: ${test.fullName}`);
for (const test of failed) console.log(`FAILED: ${test.file}: ${test.fullName}`);
for (const file of broken)
  console.log(`FAILED: ${file.name.replace(`${process.cwd()}/`, "")}: ${file.message}`);
console.log(`${passed.length} passed, ${failed.length + broken.length} failed, ${skipped.length} skipped`);
process.exit(failed.length + broken.length === 0 && passed.length > 0 ? 0 : 1);
