import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { pulumi } from "../values/command-line";
import { Fault, messageOf } from "../values/fault";
import { decodeSnapshot, parseCheckpoint } from "./checkpoint";
import { integrityFaults } from "./integrity";
import { qualifiedName, type StackPaths } from "./layout";
import type { SecretText } from "./property-codec";

/** Checks a state without its passphrase: every secret reads as null. */
const blind: SecretText = { decrypt: () => "null", encrypt: () => "" };

/** What is wrong with a stack's state, put so that it also says that it is left alone, and the ways back. */
export async function unusable(
  paths: StackPaths,
  { project, stack }: { readonly project: string; readonly stack: string },
  error: unknown,
): Promise<Fault> {
  const ways = await waysBack(paths, project, stack);
  return new Fault(`cannot use the state ${paths.state}: ${messageOf(error)}\nIt is left as it is. ${ways}`, {
    cause: error,
  });
}

/**
 * How to go back to an older state that is whole: one line a file, the newest first, with the command to type.
 * Nothing is changed by asking.
 */
async function waysBack(paths: StackPaths, project: string, stack: string): Promise<string> {
  const files = [
    paths.previous,
    ...(await newestOf(paths.backups, ".json")),
    ...(await newestOf(paths.history, ".checkpoint.json")),
  ];
  const lines: string[] = [];
  for (const file of files) {
    const description = await describe(file, qualifiedName(project, stack));
    if (description !== undefined)
      lines.push(`  cp ${quote(file)} ${quote(paths.state)}\n    (${description})`);
  }
  if (lines.length === 0) return "No whole older state was found beside it.";
  return `To go back to an older state, then look what has changed since with \`${pulumi("preview --refresh", stack)}\`:\n${lines.join("\n")}`;
}

async function describe(file: string, name: string): Promise<string | undefined> {
  try {
    const { stack, deployment } = parseCheckpoint(await readFile(file, "utf8"));
    if (stack !== name || deployment === undefined) return undefined;
    if (integrityFaults(decodeSnapshot(deployment, blind)).length > 0) return undefined;
    return `saved ${deployment.time}, ${deployment.resources.length} resources`;
  } catch (error) {
    // Not there, or as damaged as the state itself: no way back.
    void messageOf(error);
    return undefined;
  }
}

/** The newest file in a folder whose files are named by time. */
async function newestOf(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => name.endsWith(ending))
    .sort()
    .at(-1);
  return newest === undefined ? [] : [path.join(folder, newest)];
}

function quote(file: string): string {
  return /^[\w./@:+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}
