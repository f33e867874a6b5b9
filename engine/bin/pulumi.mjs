#!/usr/bin/env node
// The engine's entry. Runs a bundle of src/, made anew whenever a file in it has changed: 170 modules compiled one by
// one would take half a second before each command. Where no bundle can be kept, it runs from source.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const engine = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(engine, "src");
// Where packages are found as from src/, and where git, npm and editors do not look.
const cache = join(engine, "node_modules", ".cache", "bundle");

/** Changes with any file's name, size or time. */
function fingerprint() {
  const hash = createHash("sha256").update(process.version);
  const files = [join(engine, "package.json")];
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
  }
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

async function bundled() {
  const folder = join(cache, fingerprint());
  const main = join(folder, "main.js");
  if (!exists(main)) await bundle(folder);
  return main;
}

async function bundle(folder) {
  const { build } = await import("esbuild");
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, "making-"));
  try {
    await build({
      entryPoints: [join(source, "cli", "main.ts")],
      outdir: made,
      bundle: true,
      splitting: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      sourcemap: "linked",
      logLevel: "silent",
    });
    // Found beside the code that names it.
    copyFileSync(join(source, "protocol", "program-preload.cjs"), join(made, "program-preload.cjs"));
    // Room for V8's compiled code, of this bundle and, by program-preload.cjs, of what programs load.
    mkdirSync(join(made, "compiled"));
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another process has been faster.
    if (!exists(join(folder, "main.js"))) throw error;
  }
  forgetOld();
}

/** Bundles of other days; one of today may be in use. */
function forgetOld() {
  for (const name of readdirSync(cache)) {
    const old = join(cache, name);
    if (Date.now() - statSync(old).mtimeMs > 24 * 3600 * 1000) rmSync(old, { recursive: true, force: true });
  }
}

function exists(file) {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

let main;
try {
  main = await bundled();
  // From Node 22.1 on. Where it cannot be kept, everything is compiled each time.
  module.enableCompileCache?.(join(dirname(main), "compiled"));
} catch {
  const { register } = await import("tsx/esm/api");
  register();
  main = join(source, "cli", "main.ts");
}
await import(pathToFileURL(main));
