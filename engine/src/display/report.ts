import type { DiagnosticEvent } from "../deployment/events";
import { isStackUrn } from "../deployment/urn";
import { isList, isPropertyMap, Secret, type PropertyMap, type Value } from "../values/value";
import { sameValue } from "../deployment/equality";
import { inColorOf, labelOf, operationsInOrder, pastTense, type Colors } from "./labels";
import { changesText, shownEntries, valueText, widest } from "./property-text";
import { shownResource } from "./resource-name";
import { plural } from "./row-text";
import type { RunModel } from "./run-model";

/** The messages of a run, grouped by resource; nothing where there are none. */
export function diagnosticsLines(model: RunModel, colors: Colors): string[] {
  const groups: [string, readonly DiagnosticEvent[]][] = [];
  const rest = model.messages.get(model.stackUrn) ?? [];
  for (const [urn, messages] of model.messages) {
    if (!isStackUrn(urn) && messages.length > 0) groups.push([urn, messages]);
  }
  if (rest.length > 0) groups.push([model.stackUrn, rest]);
  if (groups.length === 0) return [];
  const lines = groups.flatMap(([urn, diagnostics]) => [
    `  ${colors.blue(`${shownResource(urn)}:`)}`,
    ...diagnostics.flatMap((event) => messageLines(event, colors)),
    "",
  ]);
  return [colors.bold(colors.magenta("Diagnostics:")), ...lines];
}

function messageLines({ severity, message }: DiagnosticEvent, colors: Colors): string[] {
  const prefix =
    severity === "error"
      ? `${colors.red("error:")} `
      : severity === "warning"
        ? `${colors.yellow("warning:")} `
        : "";
  return message
    .trimEnd()
    .split("\n")
    .map((line, index) => `    ${index === 0 ? prefix : ""}${line}`);
}

/** The Stack's outputs: changed ones old => new, the others as they are; secrets as `[secret]`. */
export function outputsLines(model: RunModel, heading: string, colors: Colors): string[] {
  const { isPreview } = model;
  if (model.newOutputs === undefined) return [];
  const [olds, news] = [shownOutputs(model.oldOutputs), shownOutputs(model.newOutputs)];
  const isNew = model.rows.get(model.stackUrn)?.op === "create";
  const entries = shownEntries(news);
  const gone = Object.keys(olds).filter((name) => news[name] === undefined);
  const width = widest([...entries.map(([name]) => name), ...gone]);
  const lines = entries.flatMap(([name, value]) => {
    const before = olds[name];
    if (isNew) return [`    ${name.padEnd(width)}: ${valueText(value, "    ")}`];
    if (before !== undefined && sameValue(before, value)) {
      // A preview tells only what would change.
      return isPreview ? [] : [`    ${name.padEnd(width)}: ${valueText(value, "    ")}`];
    }
    const changed = before === undefined ? {} : { [name.padEnd(width)]: before };
    return changesText(changed, { [name.padEnd(width)]: value }, "  ", colors);
  });
  const removed = gone.flatMap((name) =>
    changesText({ [name.padEnd(width)]: olds[name] ?? null }, {}, "  ", colors),
  );
  if (lines.length + removed.length === 0) return [];
  return [heading, ...lines, ...removed, ""];
}

/** Outputs that have something to show. A secret is like any other: a new one is no change to whoever may not see it. */
const shownOutputs = (outputs: PropertyMap): PropertyMap =>
  Object.fromEntries(shownEntries(outputs).map(([name, value]) => [name, withoutSecrets(value)]));

function withoutSecrets(value: Value): Value {
  if (value instanceof Secret) return new Secret(null);
  if (isList(value)) return value.map(withoutSecrets);
  if (!isPropertyMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item)]));
}

const uncounted: readonly string[] = ["same", "read", "discard", "read-replacement"];

/** `Resources:` and `Duration:`. */
export function summaryLines(model: RunModel, colors: Colors): string[] {
  const { summary } = model;
  if (summary === undefined) return [];
  const counted = operationsInOrder
    .map((op) => [op, summary.resourceChanges[op] ?? 0] as const)
    .filter(([op, count]) => !uncounted.includes(op) && count > 0);
  const lines = counted.map(([op, count]) => {
    const what = summary.isPreview ? `to ${op}` : pastTense(op);
    return inColorOf(op, `    ${labelOf(op).prefix}${count} ${what}`, colors);
  });
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  const same = summary.resourceChanges.same ?? 0;
  const totals = [
    ...(counted.length > 1 ? [colors.bold(plural(total, "change"))] : []),
    ...(same > 0 ? [`${same} unchanged`] : []),
  ];
  return [
    ...(lines.length + totals.length + model.erroredResources > 0
      ? [
          colors.bold(colors.magenta("Resources:")),
          ...lines,
          ...(totals.length > 0 ? [`    ${totals.join(". ")}`] : []),
          ...(model.erroredResources > 0 ? [colors.red(`    ${model.erroredResources} errored`)] : []),
        ]
      : []),
    ...(summary.isPreview
      ? []
      : ["", `${colors.bold(colors.magenta("Duration:"))} ${durationText(summary.durationMilliseconds)}`]),
  ];
}

/** Whole seconds, rounded up: `1m12s`. */
function durationText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
