import { isStackUrn, parseUrn } from "../deployment/urn";
import { inColorOf, labelOf, type Colors } from "./labels";
import { shownType } from "./resource-name";
import type { Row } from "./run-model";

/** What is shown of a resource, column by column. */
export interface RowColumns {
  readonly prefix: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  readonly info: string;
}

/** A row's texts, without colours. `finished`: the run is over, so that counts stand for messages. */
export function columnsOf(row: Row, isPreview: boolean, finished: boolean): RowColumns {
  const { type, name } = parseUrn(row.urn);
  return {
    prefix: labelOf(row.op).prefix,
    type: shownType(type),
    name,
    status: statusOf(row, isPreview, finished),
    info: [changeInfo(row), messageInfo(row, finished)].filter((text) => text !== "").join("; "),
  };
}

export function colorRow(row: Row, text: string, colors: Colors): string {
  if (row.status === "failed") return colors.red(text);
  return inColorOf(row.op, text, colors);
}

function statusOf(row: Row, isPreview: boolean, finished: boolean): string {
  const label = labelOf(row.op);
  const running = row.status === "running" && !finished;
  if (isStackUrn(row.urn) && row.op === "same") return running ? "running" : "";
  if (isPreview) return label.plan;
  if (row.op === "same") return "";
  if (row.status === "failed") return `**${label.running} failed**`;
  const seconds = ((row.ended ?? performance.now()) - row.started) / 1000;
  if (running) return `${label.running} (${Math.floor(seconds)}s)`;
  // Ended by force: nobody knows what became of it.
  if (row.status === "running" && row.metadata.new?.custom === true)
    return `**${label.running} interrupted**`;
  return `${label.done} (${durationText(seconds)})`;
}

/** Two digits below a second, one below ten, whole seconds above. */
function durationText(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)}s`;
  return seconds < 10 ? `${seconds.toFixed(1)}s` : `${Math.round(seconds)}s`;
}

/** `[diff: ~environment]`. */
function changeInfo({ metadata }: Row): string {
  const { op, diffs = [], old, new: state } = metadata;
  const names = op === "same" ? [] : [...new Set(diffs)];
  if (old !== undefined && state !== undefined && (old.protect ?? false) !== (state.protect ?? false)) {
    names.push("protect");
  }
  return names.length === 0 ? "" : `[diff: ~${names.sort().join(",")}]`;
}

function messageInfo({ diagnostics, lastMessage }: Row, finished: boolean): string {
  if (!finished) return lastMessage;
  const counts = [
    plural(diagnostics.filter(({ severity }) => severity === "error").length, "error"),
    plural(diagnostics.filter(({ severity }) => severity === "warning").length, "warning"),
    plural(diagnostics.filter(({ severity }) => severity.startsWith("info")).length, "message"),
  ];
  return counts.filter((text) => text !== "").join("; ");
}

export const plural = (count: number, noun: string): string =>
  count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
