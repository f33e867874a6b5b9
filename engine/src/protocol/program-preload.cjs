// Loaded by node before the SDK's runner.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const util = require("node:util");
const { isMainThread } = require("node:worker_threads");

// And again in every thread that the program starts, where all of it has been seen to.
if (isMainThread) {
  keepCompiledCode();
  endWithTheEngine();
  renderErrorsWithoutColours();
  loadArboristWhenUsed();
  loadWhatTheRunnerLoads();
  waitForTheEngine();
}

function keepCompiledCode() {
  // From Node 22.1 on, and where bin/pulumi.mjs has made room for it.
  const room = path.join(__dirname, "compiled");
  if (fs.existsSync(room)) Module.enableCompileCache?.(room);
}

function endWithTheEngine() {
  // When its engine is gone the runner logs to it that it cannot log to it, and so on for ever.
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.kill(-process.pid, "SIGKILL");
  }, 500).unref();
}

function renderErrorsWithoutColours() {
  // The runner renders an uncaught error in colours. Node 20 never gets past a path of its stack such as
  // node_modules/@pulumi/resource.ts there, and every resource has one: half a minute of one core until the string is
  // too long, and then without colours (pulumi/pulumi#21326). Without colours from the start it is the same, at once.
  util.inspect = new Proxy(util.inspect, {
    apply(inspect, self, [value, options, ...rest]) {
      const plain =
        util.types.isNativeError(value) && options?.colors ? { ...options, colors: false } : options;
      return Reflect.apply(inspect, self, [value, plain, ...rest]);
    },
  });
}

function loadArboristWhenUsed() {
  // 300 modules of npm's, a quarter of the time until a program runs, of which `computeCodePaths` alone makes use.
  const load = Module._load;
  const user = path.join("@pulumi", "pulumi", "runtime", "closure", "codePaths.js");
  Module._load = function (request, parent, ...rest) {
    const original = () => load.call(this, request, parent, ...rest);
    if (request !== "@npmcli/arborist" || !parent?.filename?.endsWith(user)) return original();
    const get = (_, name) => name === "__esModule" || (name === "default" ? original() : original()[name]);
    return new Proxy({}, { get });
  };
}

function loadWhatTheRunnerLoads() {
  // In its order, while the engine opens the stack. The SDK reads its settings when the program runs, not before.
  const sdk = path.resolve(process.argv[1], "../..");
  const typescript = process.env.PULUMI_NODEJS_TYPESCRIPT === "true" ? ["typescript-shim"] : [];
  for (const part of ["cmd/run/instrumentation", "cmd/run/tracing", ...typescript, "."]) {
    try {
      require(path.join(sdk, part));
    } catch {
      // The runner comes to it again, and tells.
    }
  }
}

function waitForTheEngine() {
  const PIPE = 3;
  const text = fs.readFileSync(PIPE, "utf8");
  fs.closeSync(PIPE);
  // The engine has ended before it came to run the program.
  if (text === "") process.exit();
  const { args, variables } = JSON.parse(text);
  // The configuration, with decrypted secrets in it: set from within the process they do not show in
  // /proc/PID/environ.
  Object.assign(process.env, variables);
  process.argv.splice(2, 0, ...args);
}
