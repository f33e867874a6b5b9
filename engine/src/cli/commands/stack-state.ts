import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";

import { Ciphertexts } from "../../secrets/ciphertexts";
import { CheckpointWriter, checkVersion, parseDeployment, type Deployment } from "../../state/checkpoint";
import { writeDurably } from "../../state/durable-file";
import { decodeProperties, encodeValue, type SecretText } from "../../state/property-codec";
import { Fault, messageOf } from "../../values/fault";
import { reveal, type Value } from "../../values/value";
import { longName, type SelectedStack, type Session } from "../session";
import { table } from "../table";

interface StateOptions {
  readonly stack?: string;
  readonly json?: boolean;
  readonly shell?: boolean;
  readonly showSecrets?: boolean;
  readonly file?: string;
  readonly force?: boolean;
}

/** `stack output`, `export`, `import`. */
export function addStackState(stack: Command, open: () => Session): void {
  stack
    .command("output [name]")
    .description("Show a stack's output properties")
    .option("-j, --json", "Emit output as JSON")
    .option("--shell", "Emit output as a shell script")
    .option("--show-secrets", "Display outputs which are marked as secret in plaintext")
    .action((name: string | undefined, _: unknown, command: Command) =>
      showOutputs(open(), name, command.optsWithGlobals<StateOptions>()),
    );
  stack
    .command("export")
    .description("Export a stack's deployment to standard out")
    .option("--file <file>", "A filename to write stack output to")
    .option("--show-secrets", "Emit secrets in plaintext in exported stack")
    .action((_: unknown, command: Command) => exportState(open(), command.optsWithGlobals<StateOptions>()));
  stack
    .command("import")
    .description("Import a deployment from standard in into an existing stack")
    .option("--file <file>", "A filename to read stack input from")
    .option("-f, --force", "Force the import to occur, even if apparent errors are discovered beforehand")
    .action((_: unknown, command: Command) => importState(open(), command.optsWithGlobals<StateOptions>()));
}

async function showOutputs(session: Session, name: string | undefined, options: StateOptions): Promise<void> {
  if (options.json === true && options.shell === true)
    throw new Fault("only one of --json and --shell may be set");
  const outputs = await readOutputs(
    session,
    await session.requireStack(options.stack),
    options.showSecrets === true,
  );
  const { terminal } = session;
  if (name !== undefined) {
    const value = outputs.get(name);
    if (value === undefined) throw new Fault(`current stack does not have output property '${name}'`);
    if (options.json === true) terminal.print(indented(value));
    else terminal.print(options.shell === true ? `${name}=${shellQuote(lineOf(value))}` : lineOf(value));
    return;
  }
  if (options.json === true) {
    terminal.print(
      indented(`{${[...outputs].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`),
    );
  } else if (options.shell === true) {
    for (const [key, json] of outputs) terminal.print(`${key}=${shellQuote(lineOf(json))}`);
  } else terminal.print(outputTable(outputs));
}

/** Outputs as the CLI's table. */
export function outputTable(outputs: ReadonlyMap<string, string>): string {
  const title = `Current stack outputs (${outputs.size}):\n`;
  if (outputs.size === 0) return `${title}    No output values currently in this stack`;
  return (
    title +
    table(
      ["OUTPUT", "VALUE"],
      [...outputs].map(([key, json]) => [key, lineOf(json)]),
      "    ",
    )
  );
}

/** The outputs of a stack as JSON texts, by name; a secret one is "[secret]" unless it may be shown. */
export async function readOutputs(
  session: Session,
  { name, file }: SelectedStack,
  showSecrets: boolean,
): Promise<Map<string, string>> {
  const deployment = await (await session.backend()).deployment(name);
  const root = deployment?.resources.find(isRootStack);
  if (deployment === undefined || root?.outputs === undefined) return new Map();
  const secrets = showSecrets ? await secretsOf(session, deployment, { name, file }) : blinded;
  const outputs = decodeProperties(root.outputs, secrets, root.urn);
  const names = Object.keys(outputs).sort();
  return new Map(names.map((key) => [key, encodeValue(reveal(outputs[key] as Value), plain, key)]));
}

const blinded: SecretText = { decrypt: () => '"[secret]"', encrypt: (_, text) => text };
const plain = { secrets: blinded, unknowns: true };

async function secretsOf(
  session: Session,
  deployment: Deployment,
  stack: SelectedStack,
): Promise<SecretText> {
  return new Ciphertexts(
    deployment.salt === undefined
      ? await session.manager(stack)
      : await session.secrets.open(deployment.salt),
  );
}

function isRootStack(item: unknown): item is { urn: string; outputs?: object } {
  if (typeof item !== "object" || item === null || !("type" in item) || !("urn" in item)) return false;
  return item.type === "pulumi:pulumi:Stack" && typeof item.urn === "string" && !("parent" in item);
}

async function exportState(session: Session, options: StateOptions): Promise<void> {
  const stack = await session.requireStack(options.stack);
  const backend = await session.backend();
  const deployment = await backend.deployment(stack.name);
  let content: unknown = deployment?.raw;
  if (deployment !== undefined && options.showSecrets === true) {
    const manager =
      deployment.salt === undefined
        ? await session.manager(stack)
        : await session.secrets.open(deployment.salt);
    const { snapshot } = await backend.store(stack.name, manager, session.secrets).decode(deployment);
    const shown: SecretText = { decrypt: (_, text) => text, encrypt: (_, text) => text, shown: true };
    const text = new CheckpointWriter(shown).write({
      stack: longName(stack.name),
      snapshot,
      salt: deployment.salt,
      other: deployment.other,
      time: deployment.time,
    });
    content = (JSON.parse(text) as { checkpoint: { latest: unknown } }).checkpoint.latest;
  }
  const text = JSON.stringify({ version: 3, deployment: content }, undefined, 4);
  if (options.file === undefined) session.terminal.print(text);
  else await writeDurably(path.resolve(session.cwd, options.file), `${text}\n`);
}

async function importState(session: Session, options: StateOptions): Promise<void> {
  const stack = await session.requireStack(options.stack);
  const source = options.file ?? "standard input";
  const deployment = parseExport(
    source,
    options.file === undefined
      ? await session.terminal.readAll()
      : await readFile(path.resolve(session.cwd, options.file), "utf8"),
  );
  const manager =
    deployment.salt === undefined
      ? await session.manager(stack)
      : await session.secrets.open(deployment.salt);
  const store = (await session.backend()).store(stack.name, manager, session.secrets);
  const lock = await store.lock();
  try {
    const { snapshot, faults } = await decoded(source, () => store.decode(deployment));
    if (faults.length > 0 && options.force !== true) throw new Fault(rejection(source, faults));
    for (const fault of faults) process.stderr.write(`warning: ${fault}\n`);
    for (const { type, resource } of snapshot.pendingOperations) {
      process.stderr.write(
        `warning: removing pending operation '${type}' on '${resource.urn}' from snapshot\n`,
      );
    }
    await store.saveUnchecked({ ...snapshot, pendingOperations: [] });
  } finally {
    await lock.release();
  }
  session.terminal.print("Import complete.");
}

const rejection = (source: string, faults: readonly string[]): string =>
  `${source}: importing this could be dangerous; the stack stays as it is. ` +
  `Rerun with --force to proceed anyway:\n${faults.map((fault) => `  ${fault}`).join("\n")}`;

function parseExport(source: string, text: string): Deployment {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) throw new Fault("it is no object");
    const { version, features, deployment } = json as Readonly<Record<string, unknown>>;
    checkVersion(version, features);
    return parseDeployment(deployment);
  } catch (error) {
    throw notDeserialized(source, error);
  }
}

async function decoded<T>(source: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw error instanceof Fault ? notDeserialized(source, error) : error;
  }
}

const notDeserialized = (source: string, error: unknown): Fault =>
  new Fault(`${source}: could not deserialize deployment: ${messageOf(error)}`, { cause: error });

/** A value for people: a text as it is, anything else as JSON in one line. */
function lineOf(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}

const indented = (json: string): string => JSON.stringify(JSON.parse(json), undefined, 2);

function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
