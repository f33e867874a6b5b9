import { rename, stat } from "node:fs/promises";
import type { Command } from "commander";

import { treeOf, type ConfigTree } from "../../project/config-tree";
import { readHistory } from "../../state/history";
import { systemCode } from "../../values/fault";
import { Exit, exitCodes } from "../exit";
import type { Session } from "../session";

interface RefreshOptions {
  readonly stack?: string;
  readonly force?: boolean;
}

/** `config refresh`: Pulumi.STACK.yaml as it was at the last run, from the history. */
export function addConfigRefresh(config: Command, open: () => Session): void {
  config
    .command("refresh")
    .description("Update the local configuration based on the most recent deployment of the stack")
    .option("-f, --force", "Overwrite configuration file, if it exists, without creating a backup")
    .action((_: unknown, command: Command) => refresh(open(), command.optsWithGlobals()));
}

async function refresh(session: Session, options: RefreshOptions): Promise<void> {
  const { name, file } = await session.requireStack(options.stack);
  const backend = await session.backend();
  const [latest] = await readHistory(backend.paths(name));
  if (latest === undefined) {
    throw new Exit(exitCodes.error, "getting latest configuration: no previous deployment");
  }
  file.replaceConfig(
    new Map(Object.entries(latest.config).map(([key, value]) => [key, treeOf(withMaps(value))])),
  );
  const salt = (await backend.deployment(name))?.salt;
  if (salt !== undefined) file.setSalt(salt);
  const { terminal } = session;
  if (options.force !== true && (await exists(file.file))) {
    const backup = await freeName(`${file.file}.bak`);
    await rename(file.file, backup);
    terminal.print(`backed up existing configuration file to ${backup}`);
    await file.save();
    terminal.print(`refreshed configuration for stack '${name.stack}'`);
  } else await file.save();
}

async function freeName(file: string): Promise<string> {
  return (await exists(file)) ? freeName(`${file}.bak`) : file;
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** JSON as the YAML parser would give it: maps, and whole numbers that none rounds. */
function withMaps(json: unknown): ConfigTree {
  if (Array.isArray(json)) return json.map(withMaps);
  if (typeof json === "object" && json !== null) {
    return new Map(Object.entries(json).map(([key, value]) => [key, withMaps(value)]));
  }
  if (typeof json === "number" && Number.isSafeInteger(json)) return BigInt(json);
  return json as boolean | number | string | null;
}
