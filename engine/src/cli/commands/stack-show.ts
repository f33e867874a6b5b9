import os from "node:os";
import type { Command } from "commander";

import { Ciphertext, isObject, textOf, treeOf as configTreeOf } from "../../project/config-tree";
import { stackType } from "../../deployment/urn";
import { readHistory, type HistoryEntry } from "../../state/history";
import { pulumi } from "../../values/command-line";
import { shortName, type Session } from "../session";
import { ago, table } from "../table";
import { outputTable, readOutputs } from "./stack-state";

interface ShowOptions {
  readonly stack?: string;
  readonly json?: boolean;
  readonly showName?: boolean;
  readonly showUrns?: boolean;
  readonly showIds?: boolean;
  readonly showSecrets?: boolean;
  readonly fullDates?: boolean;
  readonly pageSize?: string;
  readonly page?: string;
}

/** `stack` itself, and `stack history`. */
export function addStackShow(stack: Command, open: () => Session): void {
  stack
    .option("-i, --show-ids", "Display each resource's provider-assigned unique ID")
    .option("-u, --show-urns", "Display each resource's Pulumi-assigned globally unique URN")
    .option("--show-secrets", "Display stack outputs which are marked as secret in plaintext")
    .option("--show-name", "Display only the stack name")
    .action((options: ShowOptions) => show(open(), options));
  stack
    .command("history")
    .aliases(["hist"])
    .description("Display history for a stack")
    .option("-j, --json", "Emit output as JSON")
    .option("--show-secrets", "Show secret values when listing config instead of displaying blinded values")
    .option("--full-dates", "Show full dates, instead of relative dates")
    .option("--page-size <number>", "Used with 'page' to control number of results returned", "10")
    .option("--page <number>", "Used with 'page-size' to paginate results", "1")
    .action((_: unknown, command: Command) => history(open(), command.optsWithGlobals<ShowOptions>()));
}

async function show(session: Session, options: ShowOptions): Promise<void> {
  const { terminal } = session;
  const selected = await session.requireStack(options.stack);
  const { name } = selected;
  if (options.showName === true) {
    terminal.print(shortName(name));
    return;
  }
  const backend = await session.backend();
  const deployment = await backend.deployment(name);
  const resources = deployment?.resources ?? [];
  terminal.print(`Current stack is ${shortName(name)}:`);
  terminal.print(`    Managed by ${os.hostname()}`);
  if (deployment === undefined) terminal.print(`    No updates yet; run \`${pulumi("up", name.stack)}\``);
  else terminal.print(`    Last updated: ${ago(new Date(deployment.time))} (${deployment.time})`);
  terminal.print(`Current stack resources (${resources.length}):`);
  if (resources.length === 0) terminal.print("    No resources currently in this stack");
  else {
    const rows = treeOf(resources as readonly Listed[]).map(([indent, resource]) =>
      resourceRow(indent, resource, options),
    );
    terminal.print(table(["TYPE", "NAME"], rows, "    "));
    terminal.print("");
    terminal.print(outputTable(await readOutputs(session, selected, options.showSecrets === true)));
  }
  terminal.print(
    `\nUse \`${pulumi("stack select")}\` to change stack; \`${pulumi("stack ls")}\` lists known ones`,
  );
}

interface Listed {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
}

/** The resources in the order of a tree, each with what leads to it; what has no parent hangs last on the Stack. */
function treeOf(resources: readonly Listed[]): [indent: string, resource: Listed][] {
  const root = resources.find(({ type }) => type === stackType);
  const urns = new Set(resources.map(({ urn }) => urn));
  const childrenOf = (urn: string): Listed[] => resources.filter(({ parent }) => parent === urn);
  const orphans = resources.filter(
    (resource) => resource !== root && (resource.parent === undefined || !urns.has(resource.parent)),
  );
  const below = (children: readonly Listed[], indent: string): [string, Listed][] =>
    children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const inner = below(childrenOf(child.urn), indent + (isLast ? "   " : "│  "));
      return [[indent + (isLast ? "└─ " : "├─ "), child], ...inner];
    });
  if (root === undefined) return below(orphans, "");
  return [["", root], ...below([...childrenOf(root.urn), ...orphans], "")];
}

function resourceRow(
  indent: string,
  { urn, type, id }: Listed,
  options: ShowOptions,
): [type: string, name: string] {
  const details = [
    ...(options.showUrns === true ? [`\nURN: ${urn}`] : []),
    ...(options.showIds === true && id !== undefined ? [`\nID: ${id}`] : []),
  ];
  return [indent + type + details.join(""), urn.split("::").slice(3).join("::")];
}

async function history(session: Session, options: ShowOptions): Promise<void> {
  const { terminal } = session;
  const selected = await session.requireStack(options.stack);
  const entries = await readHistory((await session.backend()).paths(selected.name));
  const size = Math.max(Number(options.pageSize), 1);
  const start = (Math.max(Number(options.page), 1) - 1) * size;
  const shown = entries.slice(start, start + size);
  if (options.json === true) {
    const manager = options.showSecrets === true ? await session.manager(selected) : undefined;
    const json = shown.map((entry) => entryJson(entry, manager && ((text) => manager.decrypt(text))));
    terminal.print(JSON.stringify(json, undefined, 2));
    return;
  }
  if (shown.length === 0) {
    terminal.print(
      start > 0 ? `No stack updates found on page '${options.page ?? ""}'` : "Stack has never been updated",
    );
    return;
  }
  for (const entry of shown) terminal.print(entryText(entry, options.fullDates === true));
}

function entryText(entry: HistoryEntry, fullDates: boolean): string {
  const { version, kind, result, message, startTime, endTime, environment } = entry;
  const changes = entry.resourceChanges ?? {};
  const counts = [
    ["+", "create"],
    ["-", "delete"],
    ["~", "update"],
    [" ", "same"],
  ].map(([sign = "", name = ""]) => `${sign}${changes[name] ?? 0}`);
  const start = new Date(startTime * 1000);
  const lines = [
    `Version: ${version}`,
    `UpdateKind: ${kind}`,
    `Status: ${result}`,
    `Message: ${message}`,
    `${counts.join("")} Updated ${fullDates ? start.toISOString() : ago(start)} took ${endTime - startTime}s`,
    ...Object.entries(environment)
      .sort()
      .filter(([, value]) => value.trim() !== "")
      .map(([name, value]) => `    ${name}: ${value}`),
    "",
  ];
  return lines.join("\n");
}

function entryJson(entry: HistoryEntry, decrypt: ((ciphertext: string) => string) | undefined): unknown {
  const config = Object.entries(entry.config).map(([key, json]) => {
    const tree = configTreeOf(toMaps(json));
    const secret = JSON.stringify(json).includes('"secure":');
    if (secret && decrypt === undefined) return [key, { secret }];
    const value = textOf(tree, decrypt ?? ((text) => text));
    const isText = tree instanceof Ciphertext || !isObject(tree);
    return [key, { value, ...(isText ? {} : { objectValue: JSON.parse(value) as unknown }), secret }];
  });
  return {
    version: entry.version,
    kind: entry.kind,
    startTime: new Date(entry.startTime * 1000).toISOString(),
    message: entry.message,
    environment: entry.environment,
    config: Object.fromEntries(config) as unknown,
    result: entry.result,
    endTime: new Date(entry.endTime * 1000).toISOString(),
    resourceChanges: entry.resourceChanges ?? {},
  };
}

/** Parsed JSON with maps for its objects, as the YAML parser gives them. */
function toMaps(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(toMaps);
  if (typeof json !== "object" || json === null) return json;
  return new Map(Object.entries(json).map(([key, item]) => [key, toMaps(item)]));
}
