// Loaded by node before the SDK's runner: takes the variables in which the SDK looks for the stack's configuration
// from a pipe. Set from within the process they do not show in /proc/PID/environ; decrypted secrets are among them.
"use strict";
const fs = require("node:fs");

const PIPE = 3;
Object.assign(process.env, JSON.parse(fs.readFileSync(PIPE, "utf8")));
fs.closeSync(PIPE);
