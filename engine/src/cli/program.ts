import os from "node:os";
import path from "node:path";
import { Command, Option, type CommanderError } from "commander";

import engine from "../../package.json" with { type: "json" };
import { addConfig } from "./commands/config";
import { addStackLifecycle, nameFrom } from "./commands/stack-lifecycle";
import { addStackShow } from "./commands/stack-show";
import { addStackState } from "./commands/stack-state";
import { addState } from "./commands/state";
import { addUpdates } from "./commands/update";
import { Exit, exitCodes, notHere } from "./exit";
import { Session, shortName } from "./session";
import { Terminal, type ColorChoice } from "./terminal";

interface GlobalOptions {
  readonly cwd?: string;
  readonly nonInteractive?: boolean;
  readonly color?: ColorChoice;
}

/** The command line: Pulumi's own verbs and flags, as far as this engine has them. */
export function buildProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command("pulumi")
    .description("Pulumi's engine for Node.js programs, embedded: where the CLI cannot be had")
    .option("-C, --cwd <folder>", "Run as if this had been started in another folder")
    .option("--non-interactive", "Disable interactive mode for all commands")
    .addOption(new Option("--color <when>", "Colorize output").choices(["auto", "always", "never", "raw"]))
    .helpCommand(false);
  const open = (): Session => {
    const { cwd, ...options } = program.opts<GlobalOptions>();
    return new Session(path.resolve(cwd ?? "."), env, new Terminal(options, env));
  };
  addUpdates(program, open);
  const stack = program
    .command("stack")
    .description("Manage stacks and view stack state")
    .option("-s, --stack <name>", "The name of the stack to operate on. Defaults to the current stack");
  addStackShow(stack, open);
  addStackLifecycle(stack, open);
  addStackState(stack, open);
  addState(program, open);
  addConfig(program, open);
  addOthers(program, open);
  forEachCommand(program, (command) => {
    command.configureOutput({ writeErr: () => undefined }).exitOverride((error) => {
      throw new Misuse(error, command);
    });
  });
  return program;
}

/** Runs the program; the exit code. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCodes.success;
  } catch (error) {
    const explained = error instanceof Misuse ? explain(error) : error;
    if (explained === undefined) return exitCodes.success;
    if (explained instanceof Error && explained.message !== "") {
      process.stderr.write(`error: ${explained.message}\n`);
      if (explained.name === "Error" || explained.name === "TypeError")
        process.stderr.write(`${explained.stack ?? ""}\n`);
    }
    return explained instanceof Exit ? explained.code : exitCodes.error;
  }
}

function addOthers(program: Command, open: () => Session): void {
  program
    .command("cancel [name]")
    .description("Cancel a stack's currently running update, if any")
    .option("-s, --stack <name>", "The name of the stack to operate on. Defaults to the current stack")
    .option("-y, --yes", "Skip confirmation prompts, and proceed with cancellation anyway")
    .action((name: string | undefined, options: { yes?: boolean }, command: Command) =>
      cancel(open(), nameFrom(name, command), options.yes === true),
    );
  program
    .command("version")
    .description("Print the embedded engine's version number")
    .action(() => open().terminal.print(`v${engine.version}-embedded`));
  program
    .command("whoami")
    .description("Display the current logged-in user")
    .action(() => open().terminal.print(os.userInfo().username));
}

async function cancel(session: Session, text: string | undefined, yes: boolean): Promise<void> {
  const { terminal } = session;
  const { name } = await session.requireStack(text);
  const shown = shortName(name);
  if (terminal.interactive && !yes) {
    terminal.print(`This will irreversibly cancel the currently running update for '${shown}'!`);
    const typed = await terminal.ask(
      `Please confirm that this is what you'd like to do by typing \`${shown}\``,
    );
    if (typed.trim() !== shown) throw new Exit(exitCodes.error, "confirmation declined");
  }
  await (await session.backend()).cancel(name);
  terminal.print(`The currently running update for '${shown}' has been canceled!`);
}

/** What commander finds wrong with a command line, with the command it was about. */
class Misuse extends Error {
  constructor(
    readonly error: CommanderError,
    readonly command: Command,
  ) {
    super(error.message);
  }
}

/** The same in our words; `undefined`: nothing is wrong (help was asked for). */
function explain({ error, command }: Misuse): Exit | undefined {
  const [verb] = command.args;
  const quoted = /'([^']+)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.help":
      // No verb at all. As with Pulumi: help on stdout, and a script that has lost its verb fails.
      process.stdout.write(command.helpInformation());
      return new Exit(exitCodes.error, "");
    case "commander.helpDisplayed":
      return undefined;
    case "commander.unknownOption":
      // A verb that is not here, with flags of its own: `config set-all --plaintext a=b`.
      if (command.commands.length > 0 && verb !== undefined && /^[a-z]/.test(verb))
        return notHere(`\`${pathOf(command)} ${verb}\``);
      return notHere(`the flag ${quoted} of \`${pathOf(command)}\``);
    case "commander.unknownCommand":
      return notHere(`\`${pathOf(command)} ${quoted}\``);
    case "commander.excessArguments":
      // A verb below one that also works by itself: `stack tag`.
      if (command.commands.length > 0) return notHere(`\`${pathOf(command)} ${verb ?? ""}\``);
      return new Exit(exitCodes.error, error.message.replace(/^error: /, ""));
    default:
      return new Exit(exitCodes.error, error.message.replace(/^error: /, ""));
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function forEachCommand(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const child of command.commands) forEachCommand(child, apply);
}
