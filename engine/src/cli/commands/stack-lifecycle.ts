import { rm } from "node:fs/promises";
import type { Command } from "commander";

import { StackFile } from "../../project/stack-file";
import type { StackName } from "../../state/file-backend";
import { pulumi } from "../../values/command-line";
import { Fault, messageOf } from "../../values/fault";
import { Exit, exitCodes, stackNotFound } from "../exit";
import { longName, shortName, type Session } from "../session";
import { ago, table } from "../table";

interface StackOption {
  readonly stack?: string;
}

/** `stack init`, `ls`, `select`, `unselect`, `rm`. */
export function addStackLifecycle(stack: Command, open: () => Session): void {
  stack
    .command("init [name]")
    .aliases(["new", "create"])
    .description("Create an empty stack with the given name, ready for updates")
    .option("--no-select", "Do not select the stack")
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      init(open(), nameFrom(name, command), command.opts<{ select: boolean }>().select),
    );
  stack
    .command("ls")
    .aliases(["list"])
    .description("List stacks")
    .option("-a, --all", "List all stacks instead of just stacks for the current project")
    .option("-j, --json", "Emit output as JSON")
    .action((_: unknown, command: Command) => list(open(), command.optsWithGlobals<ListOptions>()));
  stack
    .command("select [name]")
    .description("Switch the current workspace to the given stack")
    .option("-c, --create", "If selected stack does not exist, create it")
    .action((name: string | undefined, _: unknown, command: Command) =>
      select(open(), nameFrom(name, command), command.opts<{ create?: boolean }>().create === true),
    );
  stack
    .command("unselect")
    .description("Resets stack selection from the current workspace")
    .action(async () => {
      const session = open();
      await (await session.settings()).select(undefined);
      session.terminal.print("Stack was unselected");
    });
  stack
    .command("rm [name]")
    .aliases(["remove", "delete"])
    .description("Remove a stack and its configuration")
    .option("-f, --force", "Forces deletion of the stack, leaving behind any resources managed by the stack")
    .option("-y, --yes", "Skip confirmation prompts, and proceed with removal anyway")
    .option(
      "--preserve-config",
      "Do not delete the corresponding Pulumi.<stack-name>.yaml configuration file",
    )
    .action((name: string | undefined, _: unknown, command: Command) =>
      remove(open(), nameFrom(name, command), command.opts<RemoveOptions>()),
    );
}

/** The stack as argument or as `--stack`, but not as both. */
export function nameFrom(argument: string | undefined, command: Command): string | undefined {
  const { stack } = command.optsWithGlobals<StackOption>();
  if (argument !== undefined && stack !== undefined) {
    throw new Fault("only one of --stack or argument stack name may be specified, not both");
  }
  return argument ?? stack;
}

async function init(session: Session, text: string | undefined, selects: boolean): Promise<void> {
  const given = text ?? (session.terminal.interactive ? await session.terminal.ask("stack name (dev)") : "");
  const chosen = given === "" && session.terminal.interactive ? "dev" : given;
  if (chosen === "") throw new Fault("missing stack name");
  await create(session, await session.parseName(chosen), selects);
}

async function create(session: Session, name: StackName, selects: boolean): Promise<void> {
  const backend = await session.backend();
  if (await backend.exists(name)) throw new Fault(`stack '${longName(name)}' already exists`);
  const file = await StackFile.load(await session.project(), name.stack);
  await backend.create(name, await session.manager({ name, file }));
  session.terminal.note(`Created stack '${shortName(name)}'`);
  if (selects) await (await session.settings()).select(longName(name));
}

interface ListOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

async function list(session: Session, { all, json }: ListOptions): Promise<void> {
  const backend = await session.backend();
  const current = await session.currentStack();
  const own = (await session.project()).name;
  const names = await backend.list(all === true ? undefined : own);
  const broken: string[] = [];
  const stacks = await Promise.all(
    names.map(async (name) => {
      const deployment = await backend.deployment(name).catch((error: unknown) => {
        broken.push(messageOf(error));
        return null;
      });
      return {
        shown: name.project === own ? shortName(name) : longName(name),
        current: current !== undefined && longName(current) === longName(name),
        broken: deployment === null,
        time: deployment && new Date(deployment.time),
        count: deployment?.resources.length,
      };
    }),
  );
  if (json === true) {
    const entries = stacks.map(({ shown, current: isCurrent, time, count }) => ({
      name: shown,
      current: isCurrent,
      ...(time ? { lastUpdate: time.toISOString() } : {}),
      ...(count === undefined ? {} : { resourceCount: count }),
    }));
    session.terminal.print(JSON.stringify(entries, undefined, 2));
  } else {
    const rows = stacks.map(({ shown, current: isCurrent, broken: isBroken, time, count }) => [
      isCurrent ? `${shown}*` : shown,
      isBroken ? "broken" : time ? ago(time) : "n/a",
      count === undefined ? "n/a" : String(count),
    ]);
    session.terminal.print(table(["NAME", "LAST UPDATE", "RESOURCE COUNT"], rows));
  }
  // The others have been told all the same.
  if (broken.length > 0) throw new Fault(broken.join("\n"));
}

async function select(session: Session, text: string | undefined, creates: boolean): Promise<void> {
  const backend = await session.backend();
  const name = await session.parseName(text ?? (await choose(session)));
  if (!(await backend.exists(name))) {
    if (!creates) throw stackNotFound(text ?? shortName(name));
    await create(session, name, true);
    return;
  }
  await (await session.settings()).select(longName(name));
}

async function choose(session: Session): Promise<string> {
  const names = (await (await session.backend()).list((await session.project()).name)).map(shortName);
  const [first] = names;
  if (!session.terminal.interactive) {
    throw new Exit(exitCodes.stackNotFound, "no stack selected; specify a stack name with --stack");
  }
  if (first === undefined)
    throw new Exit(exitCodes.stackNotFound, "this command requires a stack, but there are none");
  const current = await session.currentStack();
  return session.terminal.choose(
    "Please choose a stack:",
    names,
    current === undefined ? first : shortName(current),
  );
}

interface RemoveOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly preserveConfig?: boolean;
}

async function remove(session: Session, text: string | undefined, options: RemoveOptions): Promise<void> {
  const { terminal } = session;
  const { name, file } = await session.requireStack(text);
  const shown = shortName(name);
  if (options.yes !== true) {
    if (!terminal.interactive) throw new Exit(exitCodes.error, "non-interactive mode requires --yes flag");
    terminal.print(terminal.paint.red(`This will permanently remove the '${shown}' stack!`));
    const typed = await terminal.ask(
      `Please confirm that this is what you'd like to do by typing \`${shown}\``,
    );
    if (typed.trim() !== shown) throw new Exit(exitCodes.error, "confirmation declined");
  }
  await removeStack(session, name, options.force === true);
  if (options.preserveConfig !== true) await rm(file.file, { force: true });
  terminal.print(`Stack '${shown}' has been removed!`);
}

/** Removes a stack from its backend, and from the selection. Refuses one that still has resources, unless forced. */
export async function removeStack(session: Session, name: StackName, force: boolean): Promise<void> {
  const backend = await session.backend();
  const resources = force ? [] : ((await backend.deployment(name))?.resources ?? []);
  const left = resources.filter(
    (item) => (item as { type?: unknown } | null)?.type !== "pulumi:pulumi:Stack",
  );
  if (left.length > 0) {
    const shown = shortName(name);
    throw new Fault(
      `'${shown}' still has resources; removal rejected. Possible actions:\n` +
        `- Make sure that '${shown}' is the stack that you want to destroy\n` +
        `- Run \`${pulumi("destroy", shown)}\` to delete the resources, then run \`${pulumi("stack rm", shown)}\`\n` +
        `- Run \`${pulumi("stack rm --force", shown)}\` to override this error`,
    );
  }
  const current = await session.currentStack();
  await backend.remove(name);
  if (current !== undefined && longName(current) === longName(name))
    await (await session.settings()).select(undefined);
}
