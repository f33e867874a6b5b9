import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Readable, Writable } from "node:stream";
import { afterAll, expect, test } from "vitest";

const preload = path.join(import.meta.dirname, "../../src/protocol/program-preload.cjs");
const sdk = path.dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const folder = mkdtempSync(path.join(tmpdir(), "preload-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a program prints that is started as the engine starts one. `message`: what the engine says to it. */
async function output(program: string, message: object | null, ...nodeargs: string[]): Promise<string> {
  const file = path.join(folder, "program.js");
  writeFileSync(file, program);
  const child = spawn(process.execPath, [...nodeargs, file, "--parallel", "1"], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const pipe = child.stdio[3] as Writable;
  pipe.on("error", () => undefined).end(message === null ? "" : JSON.stringify(message));
  return text(child.stdout as Readable);
}

const preloaded = (program: string, message: object | null = { args: [], variables: {} }) =>
  output(program, message, `--require=${preload}`);

test("configuration is in the variables the SDK reads, and not in what others can read of the process", async () => {
  const program = `
    console.log(process.env.PULUMI_CONFIG, process.argv.slice(2).join(" "));
    console.log(require("fs").readFileSync("/proc/self/environ", "latin1").includes("PULUMI_CONFIG="));`;
  const message = { args: ["--monitor", "127.0.0.1:1"], variables: { PULUMI_CONFIG: "hunter2" } };
  expect(await preloaded(program, message)).toBe("hunter2 --monitor 127.0.0.1:1 --parallel 1\nfalse\n");
});

test("an engine that ends without a word takes its program with it, before any of that has run", async () => {
  expect(await preloaded('console.log("it runs")', null)).toBe("");
});

test("an error with a path of the SDK's in its stack is rendered, which Node 20 does not finish in colours", async () => {
  const program = `
    const error = new Error("no");
    error.stack = "Error: no\\n    at new Resource (/x/node_modules/@pulumi/resource.ts:1:1)";
    console.log(require("util").inspect(error, { colors: true }));
    console.log(require("util").inspect([1], { colors: true }), require("util").inspect.custom);`;
  expect(await preloaded(program)).toBe(
    "Error: no\n    at new Resource (/x/node_modules/@pulumi/resource.ts:1:1)\n[ \u001b[33m1\u001b[39m ] Symbol(nodejs.util.inspect.custom)\n",
  );
});

test("npm's arborist is loaded by a program that asks which packages its code needs, and answers the same", async () => {
  const program = `
    const pulumi = require(${JSON.stringify(sdk)});
    const loaded = () => Object.keys(require.cache).some((file) => file.includes("@npmcli/arborist/lib"));
    const before = loaded();
    process.chdir(${JSON.stringify(path.dirname(path.dirname(path.dirname(sdk))))});
    pulumi.runtime.computeCodePaths().then((paths) => {
      console.log([...paths.keys()].sort().join("\\n"));
      console.log(before, loaded());
    });`;
  const [usual, ours] = [await output(program, {}), await preloaded(program)].map((text) => text.split("\n"));
  expect(usual?.at(-2)).toBe("true true");
  expect(ours?.at(-2)).toBe("false true");
  expect(usual).toContain("node_modules/zod");
  expect(ours?.slice(0, -2)).toEqual(usual?.slice(0, -2));
});
