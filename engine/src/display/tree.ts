import { stripVTControlCharacters } from "node:util";
import type { Urn } from "../state/resource";
import { colorRow, columnsOf, type RowColumns } from "./row-text";
import type { Colors } from "./labels";
import type { Row, RunModel } from "./run-model";
import { widest } from "./property-text";

interface Node {
  readonly row: Row;
  readonly indentation: string;
  readonly columns: RowColumns;
}

export interface TreeOptions {
  readonly colors: Colors;
  /** Characters; longer lines are cut. */
  readonly width: number;
  readonly finished: boolean;
  readonly showSames: boolean;
}

/** The resources of a run as a tree, a line each, with a heading. */
export function treeLines(model: RunModel, options: TreeOptions): string[] {
  const { colors } = options;
  const nodes = flatten(model, options);
  if (nodes.length === 0) return [];
  const typeWidth = Math.max(4, widest(nodes.map(({ indentation, columns }) => indentation + columns.type)));
  const nameWidth = Math.max(4, widest(nodes.map(({ columns }) => columns.name)));
  const statusWidth = Math.max(6, widest(nodes.map(({ columns }) => columns.status)));
  const hasInfo = nodes.some(({ columns }) => columns.info !== "");
  const plan = (model.isPreview ? "Plan" : "Status").padEnd(statusWidth);
  const heading = `     ${"Type".padEnd(typeWidth)}  ${"Name".padEnd(nameWidth)}  ${plan}${hasInfo ? "  Info" : ""}`;
  const lines = nodes.map(({ row, indentation, columns }) => {
    const type = (indentation + columns.type).padEnd(typeWidth);
    const left = ` ${columns.prefix}  ${type}  ${columns.name.padEnd(nameWidth)}  `;
    const status = columns.status.padEnd(statusWidth);
    const room = Math.max(0, options.width - left.length - status.length - 2);
    const info = columns.info === "" ? "" : `  ${stripVTControlCharacters(columns.info).slice(0, room)}`;
    const cut = left.slice(0, options.width);
    return `${colorRow(row, cut.slice(0, 4), colors)}${cut.slice(4)}${colorRow(row, status, colors)}${info}`.trimEnd();
  });
  return [colors.bold(heading.slice(0, options.width).trimEnd()), ...lines];
}

/** Rows in tree order. What is unchanged shows only above something that is not. */
function flatten(model: RunModel, options: TreeOptions): Node[] {
  const children = new Map<Urn | undefined, Row[]>();
  for (const row of model.rows.values()) {
    const isRoot = row.urn === model.stackUrn;
    const known = row.parent !== undefined && model.rows.has(row.parent);
    const parent = isRoot ? undefined : known ? row.parent : rootOf(model);
    const list = children.get(parent) ?? [];
    list.push(row);
    children.set(parent, list);
  }
  const isVisible = (row: Row): boolean =>
    options.showSames || isInteresting(row) || (children.get(row.urn) ?? []).some(isVisible);
  const nodes: Node[] = [];
  const visit = (row: Row, indentation: string, childIndentation: string): void => {
    nodes.push({ row, indentation, columns: columnsOf(row, model.isPreview, options.finished) });
    const shown = (children.get(row.urn) ?? []).filter(isVisible);
    shown.forEach((child, index) => {
      const isLast = index === shown.length - 1;
      visit(child, childIndentation + (isLast ? "└─ " : "├─ "), childIndentation + (isLast ? "   " : "│  "));
    });
  };
  for (const row of children.get(undefined) ?? []) visit(row, "", "");
  return nodes;
}

/** Where a row hangs whose parent was not told; nowhere while the Stack itself was not. */
const rootOf = (model: RunModel): Urn | undefined =>
  model.rows.has(model.stackUrn) ? model.stackUrn : undefined;

function isInteresting(row: Row): boolean {
  const { old, new: state } = row.metadata;
  if (row.diagnostics.length > 0 || row.status === "failed") return true;
  if (row.op === "refresh") return row.status === "running";
  return row.op !== "same" || (old?.protect ?? false) !== (state?.protect ?? false);
}
