import { copyFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { Fault, messageOf, systemCode } from "../values/fault";
import { writeDurably } from "./durable-file";
import { goMap, goString, goStruct } from "./go-json";
import { uniqueNanoseconds, type StackPaths } from "./layout";
import type { UpdateRecord } from "./store";

/** One entry of the history as the CLI writes it (`UpdateInfo` in `pkg/backend/updates.go`). */
export interface HistoryEntry {
  readonly kind: string;
  readonly startTime: number;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly result: string;
  readonly endTime: number;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

/** Writes a run into the history, with a copy of the state after it, and a backup of that state. */
export async function recordUpdate(paths: StackPaths, stack: string, update: UpdateRecord): Promise<void> {
  const base = path.join(paths.history, `${stack}-${uniqueNanoseconds()}`);
  await writeDurably(`${base}.history.json`, writeEntry(update));
  const state = await readFile(paths.state, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (state === undefined) return;
  await copyFile(paths.state, `${base}.checkpoint.json`);
  await writeDurably(path.join(paths.backups, `${stack}.${uniqueNanoseconds()}.json`), state);
}

/** The history, the newest run first. */
export async function readHistory(paths: StackPaths): Promise<HistoryEntry[]> {
  const names = await readdir(paths.history).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".history.json")).sort((a, b) => (a < b ? 1 : -1));
  return Promise.all(files.map((name) => readEntry(path.join(paths.history, name))));
}

async function readEntry(file: string): Promise<HistoryEntry> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as HistoryEntry;
  } catch (error) {
    throw new Fault(`reading history file ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function writeEntry(update: UpdateRecord): string {
  const environment: Readonly<Record<string, string>> = {
    "exec.kind": "cli",
    "exec.agent": "embedded-engine",
    "runtime.executable": process.execPath,
    "runtime.name": "nodejs",
    "runtime.version": process.version,
  };
  const fields: [string, string][] = [
    ["kind", goString(update.kind)],
    ["startTime", String(Math.trunc(update.startTime))],
    ["message", goString(update.message)],
    [
      "environment",
      goMap(Object.entries(environment).map(([name, value]) => [name, goString(value)] as const)),
    ],
    ["config", goMap(Object.entries(update.config))],
    ["version", "0"],
    ["result", goString(update.result)],
    ["endTime", String(Math.trunc(update.endTime))],
  ];
  const changes = Object.entries(update.resourceChanges);
  if (changes.length > 0) {
    fields.push(["resourceChanges", goMap(changes.map(([name, count]) => [name, String(count)] as const))]);
  }
  return goStruct(fields);
}
