// What node offers besides: a thread of its own, and functions that are written down to be run elsewhere.
import * as pulumi from "@pulumi/pulumi";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const worker = new Worker(`require("node:worker_threads").parentPort.postMessage(6 * 7)`, { eval: true });
export const answer = once(worker, "message").then(([message]) => Number(message));

const factor = 7;
const written = pulumi.runtime.serializeFunction((value: number) => factor * value);
export const entry = written.then(({ exportName }) => exportName);
export const text = written.then((serialized) => serialized.text);

// Beside one of these the SDK has no automatic mode for ES modules.
export const loaders = process.execArgv.filter((word) => /^--(require|import|loader)$/.test(word));
