import { rm } from "node:fs/promises";
import { Option, type Command } from "commander";

import type { DeploymentOptions } from "../../deployment/request";
import type { UpdateKind } from "../../state/store";
import { pulumi } from "../../values/command-line";
import { Exit, exitCodes } from "../exit";
import { Launcher } from "../launcher";
import { Operation, type RunOptions } from "../operation";
import { shortName, type Session } from "../session";
import { removeStack } from "./stack-lifecycle";

interface UpdateOptions {
  readonly stack?: string;
  readonly yes?: boolean;
  readonly skipPreview?: boolean;
  readonly previewOnly?: boolean;
  readonly refresh?: string | boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
  readonly parallel?: number;
  readonly message?: string;
  readonly expectNoChanges?: boolean;
  readonly target?: readonly string[];
  readonly targetDependents?: boolean;
  readonly replace?: readonly string[];
  readonly targetReplace?: readonly string[];
  readonly suppressOutputs?: boolean;
  readonly showSames?: boolean;
  readonly remove?: boolean;
  readonly clearPendingCreates?: boolean;
}

/** `preview`, `up`, `refresh`, `destroy`. */
export function addUpdates(program: Command, open: () => Session): void {
  const preview = program
    .command("preview")
    .aliases(["pre"])
    .description("Show a preview of updates to a stack's resources")
    .action((options: UpdateOptions) => run(open(), "preview", { ...options, previewOnly: true }));
  const up = program
    .command("up")
    .aliases(["update"])
    .description("Create or update the resources in a stack")
    .action((options: UpdateOptions) => run(open(), "update", options));
  const refresh = program
    .command("refresh")
    .description("Refresh the resources in a stack")
    .option("--clear-pending-creates", "Clear all pending creates, dropping them from the state")
    .action((options: UpdateOptions) => run(open(), "refresh", options));
  const destroy = program
    .command("destroy")
    .aliases(["down"])
    .description("Destroy all existing resources in the stack")
    .option(
      "--remove",
      "Remove the stack and its config file after all resources in the stack have been deleted",
    )
    .action((options: UpdateOptions) => run(open(), "destroy", options));

  for (const command of [preview, up, refresh, destroy]) addCommonOptions(command);
  for (const command of [preview, up]) {
    command
      .option("--replace <urn>", "Replace this resource (repeatable)", collect)
      .option("--target-replace <urn>", "Replace this resource, and update no other (repeatable)", collect);
  }
  for (const command of [preview, up, destroy]) {
    command
      .option("-r, --refresh [boolean]", "Refresh the state of the stack's resources first")
      .option("--target-dependents", "Also update what depends on the targets");
  }
  for (const command of [up, refresh, destroy]) {
    command
      .option("-y, --yes", "Automatically approve and perform the operation after previewing it")
      .option("-f, --skip-preview", "Do not calculate a preview before performing the operation")
      .option("--preview-only", "Only show a preview, but don't perform the operation itself");
  }
}

function addCommonOptions(command: Command): void {
  command
    .option("-s, --stack <name>", "The name of the stack to operate on. Defaults to the current stack")
    .option("--diff", "Display operation as a rich diff showing the overall change")
    .option("-j, --json", "Serialize the diffs, operations, and overall output as JSON")
    .addOption(
      new Option("-p, --parallel <number>", "Allow so many resource operations to run in parallel at once")
        .argParser(parseParallel)
        .env("PULUMI_PARALLEL"),
    )
    .option("-m, --message <text>", "Optional message to associate with the operation")
    .option("--expect-no-changes", "Return an error if any changes occur")
    .option(
      "-t, --target <urn>",
      "Operate on this resource only (repeatable; * and ** are wildcards)",
      collect,
    )
    .option("--suppress-outputs", "Suppress display of stack outputs (in case they contain sensitive values)")
    .option("--show-sames", "Show resources that needn't be updated because they haven't changed");
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

function parseParallel(text: string): number {
  const count = Number(text);
  // 0 means one at a time, as it does to the CLI.
  if (text !== "" && Number.isSafeInteger(count) && count >= 0) return Math.max(count, 1);
  throw new Exit(
    exitCodes.error,
    `--parallel or PULUMI_PARALLEL is "${text}"; it takes a whole number from 0`,
  );
}

async function run(session: Session, kind: UpdateKind, options: UpdateOptions): Promise<void> {
  const { terminal } = session;
  const { yes, skipPreview, previewOnly } = options;
  const approved = yes === true || skipPreview === true;
  const asks = terminal.interactive && options.json !== true;
  if (!asks && !approved && previewOnly !== true) {
    throw new Exit(
      exitCodes.configuration,
      "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
    );
  }
  const launcher = new Launcher(runsOf(kind, options));
  try {
    const operation = await Operation.open(session, kind, options.stack, runOptions(options), launcher);
    if (previewOnly === true) {
      await operation.preview();
      operation.checkExpectation();
      return;
    }
    await operation.locked(async () => {
      if (skipPreview !== true) await operation.preview();
      if (!approved) await operation.confirm();
      await operation.execute();
    });
    operation.checkExpectation();
    if (kind === "destroy") await afterDestroy(session, operation, options);
  } finally {
    launcher.discard();
  }
}

/** The runs of the program that are certain to come, one after the other, and whether each is a preview. */
function runsOf(kind: UpdateKind, { yes, skipPreview, previewOnly }: UpdateOptions): boolean[] {
  if (kind === "destroy" || kind === "refresh") return [];
  if (previewOnly === true) return [true];
  if (skipPreview === true) return [false];
  return yes === true ? [true, false] : [true];
}

function runOptions(options: UpdateOptions): RunOptions {
  const both = options.targetReplace ?? [];
  const targets = [...(options.target ?? []), ...both];
  const replaces = [...(options.replace ?? []), ...both];
  const deployment: DeploymentOptions = {
    targets,
    replaces,
    ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
    ...(options.refresh === undefined ? {} : { refresh: parseBoolean("--refresh", options.refresh) }),
    ...(options.targetDependents === undefined ? {} : { targetDependents: options.targetDependents }),
    ...(options.clearPendingCreates === undefined
      ? {}
      : { clearPendingCreates: options.clearPendingCreates }),
    ...(options.message === undefined ? {} : { message: options.message }),
  };
  return {
    deployment,
    diff: options.diff === true,
    json: options.json === true,
    suppressOutputs: options.suppressOutputs === true,
    showSames: options.showSames === true,
    expectNoChanges: options.expectNoChanges === true,
  };
}

function parseBoolean(flag: string, value: string | boolean): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw new Exit(exitCodes.error, `${flag} is "${value}"; it takes: true, false`);
}

async function afterDestroy(session: Session, { stack }: Operation, options: UpdateOptions): Promise<void> {
  const name = shortName(stack.name);
  if (options.remove === true) {
    await removeStack(session, stack.name, false);
    await rm(stack.file.file, { force: true });
    if (options.json !== true)
      session.terminal.print(
        `The resources in the stack have been deleted. Stack '${name}' has been removed!`,
      );
    return;
  }
  if (options.json === true || (options.target ?? []).length > 0) return;
  session.terminal.print(
    "The resources in the stack have been deleted, but the history and configuration associated with the stack are " +
      `still maintained. \nIf you want to remove the stack completely, run \`${pulumi(`stack rm ${name}`)}\`.`,
  );
}
