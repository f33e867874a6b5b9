import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";

const preload = path.join(import.meta.dirname, "../../src/protocol/program-preload.cjs");

/** What a program prints that is started as the engine starts one. */
async function output(program: string, variables: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, ["--require", preload, "--eval", program], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  (child.stdio[3] as Writable).end(JSON.stringify(variables));
  return text(child.stdout as Readable);
}

test("configuration is in the variables the SDK reads, and not in what others can read of the process", async () => {
  const program = `
    console.log(process.env.PULUMI_CONFIG);
    console.log(require("fs").readFileSync("/proc/self/environ", "latin1").includes("PULUMI_CONFIG="));`;
  expect(await output(program, { PULUMI_CONFIG: "hunter2" })).toBe("hunter2\nfalse\n");
});

test("an error with a path of the SDK's in its stack is rendered, which Node 20 does not finish in colours", async () => {
  const program = `
    const error = new Error("no");
    error.stack = "Error: no\\n    at new Resource (/x/node_modules/@pulumi/resource.ts:1:1)";
    console.log(require("util").inspect(error, { colors: true }));
    console.log(require("util").inspect([1], { colors: true }), require("util").inspect.custom);`;
  expect(await output(program)).toBe(
    "Error: no\n    at new Resource (/x/node_modules/@pulumi/resource.ts:1:1)\n[ \u001b[33m1\u001b[39m ] Symbol(nodejs.util.inspect.custom)\n",
  );
});
