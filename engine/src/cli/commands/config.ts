import type { Command } from "commander";

import {
  fullKey,
  parseConfigKey,
  parseKeyWithPath,
  shortKey,
  type ConfigKey,
  type ConfigPath,
} from "../../project/config-path";
import {
  Ciphertext,
  coerced,
  getAt,
  isObject,
  isSecure,
  textOf,
  type ConfigTree,
} from "../../project/config-tree";
import { withProjectConfig } from "../../project/stack-configuration";
import { Fault } from "../../values/fault";
import { Exit, exitCodes } from "../exit";
import type { SelectedStack, Session } from "../session";
import { table } from "../table";
import { addConfigRefresh } from "./config-refresh";

interface ConfigOptions {
  readonly stack?: string;
  readonly json?: boolean;
  readonly showSecrets?: boolean;
  readonly path?: boolean;
  readonly secret?: boolean;
  readonly plaintext?: boolean;
  readonly raw?: boolean;
}

/** `config` and `config get`, `set`, `rm`, `refresh`. */
export function addConfig(program: Command, open: () => Session): void {
  const config = program
    .command("config")
    .description("Manage configuration")
    .option("-s, --stack <name>", "The name of the stack to operate on. Defaults to the current stack")
    .option("--show-secrets", "Show secret values when listing config instead of displaying blinded values")
    .option("-j, --json", "Emit output as JSON")
    .action((options: ConfigOptions) => list(open(), options));
  config
    .command("get <key>")
    .description("Get a single configuration value")
    .option("--path", "The key contains a path to a property in a map or list to get")
    .action((key: string, _: unknown, command: Command) => get(open(), key, command.optsWithGlobals()));
  config
    .command("set <key> [value]")
    .description("Set configuration value; without one, it is read from the standard input")
    .option("--path", "The key contains a path to a property in a map or list to set")
    .option("--secret", "Encrypt the value instead of storing it in plaintext")
    .option("--plaintext", "Save the value as plaintext (unencrypted)")
    .option("--raw", "When setting the value through stdin, do not trim trailing newlines from the value")
    .action((key: string, value: string | undefined, _: unknown, command: Command) =>
      set(open(), key, value, command.optsWithGlobals()),
    );
  config
    .command("rm <key>")
    .aliases(["remove", "delete"])
    .description("Remove configuration value")
    .option("--path", "The key contains a path to a property in a map or list to remove")
    .action((key: string, _: unknown, command: Command) => remove(open(), key, command.optsWithGlobals()));
  addConfigRefresh(config, open);
}

async function list(session: Session, options: ConfigOptions): Promise<void> {
  const project = await session.project();
  const selected = await session.requireStack(options.stack);
  const config = withProjectConfig(project, selected.file.config());
  const shows = options.showSecrets === true;
  const decrypt = await decrypter(session, selected, shows && [...config.values()].some(isSecure));
  const entries = [...config].sort(([a], [b]) => (a < b ? -1 : 1));
  if (options.json === true) {
    const json = entries.map(([key, tree]) => [
      key,
      isSecure(tree) && !shows ? { secret: true } : shown(tree, decrypt),
    ]);
    session.terminal.print(JSON.stringify(Object.fromEntries(json), undefined, 2));
    return;
  }
  const rows = entries.map(([key, tree]) => [shortKey(key, project.name), textOf(tree, decrypt)]);
  session.terminal.print(table(["KEY", "VALUE"], rows));
}

async function get(session: Session, text: string, options: ConfigOptions): Promise<void> {
  const selected = await session.requireStack(options.stack);
  const project = await session.project();
  const { key, path } = parseKey(text, options, project.name);
  const config = withProjectConfig(project, selected.file.config());
  const tree = getAt(config.get(fullKey(key)), path);
  if (tree === undefined) {
    throw new Fault(
      `configuration key '${shortKey(text, project.name)}' not found for stack '${selected.name.stack}'`,
    );
  }
  const decrypt = await decrypter(session, selected, isSecure(tree));
  session.terminal.print(
    options.json === true ? JSON.stringify(shown(tree, decrypt), undefined, 2) : textOf(tree, decrypt),
  );
}

async function set(
  session: Session,
  text: string,
  argument: string | undefined,
  options: ConfigOptions,
): Promise<void> {
  if (options.secret === true && options.plaintext === true) {
    throw new Exit(exitCodes.error, "--secret and --plaintext cannot be used together");
  }
  const selected = await session.requireStack(options.stack);
  const { key, path } = parseKey(text, options, (await session.project()).name);
  const value = argument ?? (await readValue(session, options));
  const { file } = selected;
  if (options.secret === true) {
    const manager = await session.manager(selected);
    file.set(key, path, new Ciphertext(manager.encrypt(value)));
  } else file.set(key, path, path.length === 0 ? value : coerced(value));
  await file.save();
}

async function readValue(session: Session, { secret, raw }: ConfigOptions): Promise<string> {
  const { terminal } = session;
  if (!terminal.input.isTTY) {
    const text = await terminal.readAll();
    return raw === true ? text : text.replace(/\n$/, "");
  }
  if (!terminal.interactive) {
    throw new Exit(exitCodes.error, "config value must be specified in non-interactive mode");
  }
  return secret === true ? terminal.askHidden("value") : terminal.ask("value");
}

async function remove(session: Session, text: string, options: ConfigOptions): Promise<void> {
  const { file } = await session.requireStack(options.stack);
  const { key, path } = parseKey(text, options, (await session.project()).name);
  file.remove(key, path);
  await file.save();
}

function parseKey(
  text: string,
  { path }: ConfigOptions,
  project: string,
): { key: ConfigKey; path: ConfigPath } {
  return path === true ? parseKeyWithPath(text, project) : { key: parseConfigKey(text, project), path: [] };
}

async function decrypter(
  session: Session,
  selected: SelectedStack,
  needed: boolean,
): Promise<(ciphertext: string) => string> {
  if (!needed) return () => "[secret]";
  const manager = await session.manager(selected);
  return (ciphertext) => manager.decrypt(ciphertext);
}

/** A value as `--json` shows it. */
function shown(tree: ConfigTree, decrypt: (ciphertext: string) => string): unknown {
  const value = textOf(tree, decrypt);
  const object = isObject(tree) ? { objectValue: JSON.parse(value) as unknown } : {};
  return { value, ...object, secret: isSecure(tree) };
}
