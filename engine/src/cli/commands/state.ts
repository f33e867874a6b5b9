import type { Command } from "commander";

import { deleteFromState, unprotect } from "../../state/edit";
import type { Snapshot } from "../../state/resource";
import { Fault } from "../../values/fault";
import { Exit, exitCodes } from "../exit";
import type { Session } from "../session";

interface EditOptions {
  readonly stack?: string;
  readonly yes?: boolean;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly targetDependents?: boolean;
}

/** `state unprotect` and `state delete`: edits of the state that touch nothing it stands for. */
export function addState(program: Command, open: () => Session): void {
  const state = program
    .command("state")
    .description("Edit the current stack's state")
    .option("-s, --stack <name>", "The name of the stack to operate on. Defaults to the current stack");
  state
    .command("unprotect [urns...]")
    .description("Unprotect resources in a stack's state")
    .option("--all", "Unprotect all resources in the checkpoint")
    .option("-y, --yes", "Skip confirmation prompts")
    .action((urns: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<EditOptions>();
      const which = options.all === true ? "all" : named(urns);
      return edit(open(), options, (snapshot, stack) => [
        unprotect(snapshot, which, stack),
        which === "all" ? "All resources unprotected" : `${which.length} resources unprotected`,
      ]);
    });
  state
    .command("remove [urns...]")
    .aliases(["rm", "delete"])
    .description("Deletes one or more resources from a stack's state")
    .option("--force", "Force deletion of protected resources")
    .option("--target-dependents", "Delete the URN and all its dependents")
    .option("--all", "Delete all resources in the stack")
    .option("-y, --yes", "Skip confirmation prompts")
    .action((urns: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<EditOptions>();
      const { all = false, force = false, targetDependents = false } = options;
      if (all && urns.length > 0)
        throw new Fault("cannot specify a resource URN when deleting all resources");
      const which = all ? [] : named(urns);
      return edit(open(), options, (snapshot, stack, warn) => {
        const wanted = all ? snapshot.resources.map(({ urn }) => urn) : which;
        const edited = deleteFromState(snapshot, wanted, { force, targetDependents }, stack);
        for (const urn of edited.protectedOnes)
          warn(`deleting protected resource ${urn} due to presence of --force`);
        const count = which.length === 1 ? "Resource deleted" : `${which.length} resources deleted`;
        return [edited.snapshot, all ? "Resources deleted" : count];
      });
    });
}

function named(urns: readonly string[]): readonly string[] {
  if (urns.length > 0) return [...new Set(urns)];
  throw new Exit(exitCodes.error, "Must supply <resource URN>");
}

type Edit = (
  snapshot: Snapshot,
  stack: string,
  warn: (text: string) => void,
) => readonly [edited: Snapshot, message: string];

async function edit(session: Session, options: EditOptions, change: Edit): Promise<void> {
  const { terminal } = session;
  const stack = await session.requireStack(options.stack);
  const manager = await session.manager(stack);
  const store = (await session.backend()).store(stack.name, manager, session.secrets);
  const lock = await store.lock();
  try {
    const snapshot = await store.load();
    if (terminal.interactive && options.yes !== true) {
      const question = "warning: This command will edit your stack's state directly. Confirm?";
      if ((await terminal.choose(question, ["yes", "no"], "no")) === "no")
        throw new Exit(exitCodes.error, "confirmation declined");
    }
    const warnings: string[] = [];
    const [edited, message] = change(snapshot, stack.name.stack, (text) => warnings.push(text));
    for (const text of warnings) process.stderr.write(`warning: ${text}\n`);
    await store.save(edited);
    terminal.print(message);
  } finally {
    await lock.release();
  }
}
