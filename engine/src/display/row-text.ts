import type { StepMetadata, StepOp } from "../deployment/events";
import { isStackUrn, parseUrn } from "../deployment/urn";
import { inColorOf, labelOf, type Colors } from "./labels";
import { shownType } from "./resource-name";
import { hasFailed, type Row } from "./run-model";

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
    status: statusOf(row, isPreview, finished) + retained(row.metadata),
    info: [changeInfo(row), messageInfo(row, finished)].filter((text) => text !== "").join("; "),
  };
}

export function colorRow(row: Row, text: string, colors: Colors): string {
  if (hasFailed(row)) return colors.red(text);
  return inColorOf(row.op, text, colors);
}

function statusOf(row: Row, isPreview: boolean, finished: boolean): string {
  const label = labelOf(row.op);
  const running = row.status === "running" && !finished;
  if (isStackUrn(row.urn) && row.op === "same" && running) return "running";
  if (isPreview) return label.plan;
  if (hasFailed(row) && (finished || row.status !== "running"))
    return `**${`${label.running} failed`.trimStart()}**`;
  if (row.op === "same") return "";
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

/** The mark of a resource that is forgotten, not deleted (`addRetainStatusFlag` in Pulumi's display). */
export function retained({ op, old }: StepMetadata): string {
  return old?.retainOnDelete === true && leaving.includes(op) ? "[retain]" : "";
}

const leaving: readonly StepOp[] = ["delete", "replace", "create-replacement", "delete-replaced"];

/** `[diff: ~environment]`. */
function changeInfo({ metadata, replacement }: Row): string {
  const {
    op,
    diffs = [],
    old,
    new: state,
  } = leaving.includes(metadata.op) ? (replacement ?? metadata) : metadata;
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
