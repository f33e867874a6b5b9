import type { DiagnosticEvent, StepOp } from "../deployment/events";
import { isStackUrn } from "../deployment/urn";
import { sameValue } from "../deployment/equality";
import type { PropertyMap } from "../values/value";
import { inColorOf, labelOf, pastTense, type Colors } from "./labels";
import { changesText, shownEntries, valueText, widest } from "./property-text";
import { shownResource } from "./resource-name";
import { plural } from "./row-text";
import type { RunModel } from "./run-model";

/** The messages of a run, grouped by resource; nothing where there are none. */
export function diagnosticsLines(model: RunModel, colors: Colors): string[] {
  const groups: [string, readonly DiagnosticEvent[]][] = [];
  const stack = model.rows.get(model.stackUrn);
  const rest = [...(stack?.diagnostics ?? []), ...model.general];
  for (const row of model.rows.values()) {
    if (!isStackUrn(row.urn) && row.diagnostics.length > 0) groups.push([row.urn, row.diagnostics]);
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
export function outputsLines(olds: PropertyMap, news: PropertyMap, isNew: boolean, colors: Colors): string[] {
  const entries = shownEntries(news);
  const gone = Object.keys(olds).filter((name) => news[name] === undefined);
  if (entries.length === 0 && gone.length === 0) return [];
  const width = widest([...entries.map(([name]) => name), ...gone]);
  const lines = entries.map(([name, value]) => {
    const before = olds[name];
    const isSame = isNew || (before !== undefined && sameValue(before, value));
    if (isSame) return `    ${name.padEnd(width)}: ${valueText(value, "    ")}`;
    const changed = before === undefined ? {} : { [name.padEnd(width)]: before };
    return changesText(changed, { [name.padEnd(width)]: value }, "  ", colors).join("\n");
  });
  const removed = gone.map((name) => inColorOf("delete", `  - ${name.padEnd(width)}`, colors));
  return [colors.bold(colors.magenta("Outputs:")), ...lines, ...removed, ""];
}

const uncounted: readonly string[] = ["same", "read", "discard", "read-replacement"];

/** `Resources:` and `Duration:`. */
export function summaryLines(model: RunModel, colors: Colors): string[] {
  const { summary } = model;
  if (summary === undefined) return [];
  const changes = Object.entries(summary.resourceChanges) as [StepOp, number][];
  const counted = changes.filter(([op, count]) => !uncounted.includes(op) && count > 0);
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
    ...(lines.length + totals.length + model.failedResources > 0
      ? [
          colors.bold(colors.magenta("Resources:")),
          ...lines,
          ...(totals.length > 0 ? [`    ${totals.join(". ")}`] : []),
          ...(model.failedResources > 0 ? [colors.red(`    ${model.failedResources} errored`)] : []),
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
