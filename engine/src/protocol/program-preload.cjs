// Loaded by node before the SDK's runner.
"use strict";
const fs = require("node:fs");
const util = require("node:util");

// The variables in which the SDK looks for the stack's configuration come by a pipe. Set from within the process they
// do not show in /proc/PID/environ; decrypted secrets are among them.
const PIPE = 3;
Object.assign(process.env, JSON.parse(fs.readFileSync(PIPE, "utf8")));
fs.closeSync(PIPE);

// The runner renders an uncaught error in colours. Node 20 never gets past a path of its stack such as
// node_modules/@pulumi/resource.ts there, and every resource has one: half a minute of one core until the string is too
// long, and then without colours (pulumi/pulumi#21326). Without colours from the start it is the same text, at once.
util.inspect = new Proxy(util.inspect, {
  apply(inspect, self, [value, options, ...rest]) {
    const plain =
      util.types.isNativeError(value) && options?.colors ? { ...options, colors: false } : options;
    return Reflect.apply(inspect, self, [value, plain, ...rest]);
  },
});

// When its engine is gone the runner logs to it that it cannot log to it, and so on for ever.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.kill(-process.pid, "SIGKILL");
}, 500).unref();
