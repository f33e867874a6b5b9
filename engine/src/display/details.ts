import type { EngineEvent, StepMetadata } from "../deployment/events";
import { isStackUrn } from "../deployment/urn";
import type { Urn } from "../state/resource";
import { changesText, shownEntries, valueText, widest } from "./property-text";
import { retained } from "./row-text";
import { colorsFor, inColorOf, labelOf, type Colors } from "./labels";

/** Every changed property of a run's steps: what `--diff` and the answer `details` show. */
export function renderDetails(events: readonly EngineEvent[], { color }: { color: boolean }): string {
  const colors = colorsFor(color);
  const depths = new Map<Urn, number>();
  const lines: string[] = [];
  for (const event of events) {
    if (event.kind !== "resource-pre") continue;
    const { metadata } = event;
    const parent = (metadata.new ?? metadata.old)?.parent;
    const depth = parent === undefined ? 0 : (depths.get(parent) ?? 0) + 1;
    depths.set(metadata.urn, depth);
    if (isWorthTelling(metadata)) lines.push(...stepText(metadata, depth, colors));
  }
  return lines.join("\n");
}

/** One step with its properties, indented by its depth below the Stack. */
export function stepText(metadata: StepMetadata, depth: number, colors: Colors): string[] {
  const { op, urn, type, old, new: state, provider } = metadata;
  const indent = "    ".repeat(depth);
  const inner = `${indent}    `;
  const label = labelOf(op);
  const id = (state ?? old)?.id ?? old?.id;
  return [
    inColorOf(op, `${indent}${label.prefix}${type}: (${op}${retained(metadata)})${lockOf(metadata)}`, colors),
    ...(id === undefined || id === "" ? [] : [colors.dim(`${inner}[id=${id}]`)]),
    colors.dim(`${inner}[urn=${urn}]`),
    ...(provider === "" ? [] : [colors.dim(`${inner}[provider=${provider}]`)]),
    ...propertyLines(metadata, inner, colors),
    ...(old?.protect === true || state?.protect === true ? protectLine(metadata, inner, colors) : []),
  ];
}

/** What is protected shows it. */
const lockOf = ({ old, new: state }: StepMetadata): string => ((state ?? old)?.protect === true ? " 🔒" : "");

function propertyLines({ op, old, new: state }: StepMetadata, indent: string, colors: Colors): string[] {
  if (old !== undefined && state !== undefined) {
    // The sign of a change stands before the column of the names.
    const beside = indent.slice(2);
    return op === "refresh"
      ? changesText(old.outputs, state.outputs, beside, colors)
      : changesText(old.inputs, state.inputs, beside, colors);
  }
  const entries = shownEntries((state ?? old)?.inputs ?? {});
  const width = widest(entries.map(([name]) => name));
  return entries.map(([name, value]) =>
    inColorOf(op, `${indent}${name.padEnd(width)}: ${valueText(value, indent)}`, colors),
  );
}

function protectLine({ old, new: state }: StepMetadata, indent: string, colors: Colors): string[] {
  const [before, after] = [old?.protect ?? false, state?.protect ?? false];
  if (old === undefined || state === undefined || before === after) return [];
  return [inColorOf("update", `${indent.slice(2)}~ protect: ${String(before)} => ${String(after)}`, colors)];
}

/** Replacements are told once, by their logical step; what stays the same is not told. */
function isWorthTelling({ op, urn, old, new: state, logical }: StepMetadata): boolean {
  if (isStackUrn(urn)) return true;
  if (op === "same") return (old?.protect ?? false) !== (state?.protect ?? false);
  return logical;
}
