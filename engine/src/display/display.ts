import type { EngineEvent, EventSink } from "../deployment/events";
import type { DeploymentSummary } from "../deployment/request";
import { isStackUrn } from "../deployment/urn";
import type { UpdateKind } from "../state/store";
import { renderDetails, stepText } from "./details";
import { eventJson } from "./events-json";
import { colorsFor, type Colors } from "./labels";
import { LiveTree } from "./live-tree";
import { previewDigest } from "./preview-json";
import { diagnosticsLines, outputsLines, summaryLines } from "./report";
import { colorRow, columnsOf } from "./row-text";
import { RunModel, type Row } from "./run-model";

export { renderDetails };

export interface DisplayOptions {
  readonly kind: UpdateKind;
  readonly dryRun: boolean;
  readonly project: string;
  readonly stack: string;
  /** `--diff`: every changed property instead of one line a resource. */
  readonly diff: boolean;
  /** `--json`: a preview as the CLI's one JSON document, other runs as one engine event a line. */
  readonly json: boolean;
  /** `--suppress-outputs`. */
  readonly suppressOutputs?: boolean;
  /** `--show-sames`. */
  readonly showSames?: boolean;
  readonly out: NodeJS.WriteStream;
  /** Only for a terminal, and where NO_COLOR is not set. */
  readonly color: boolean;
  /** A live tree that is painted anew; otherwise one line an event. */
  readonly interactive: boolean;
}

/** Shows one run. `finish` paints the diagnostics, the outputs and the summary, and gives the terminal back. */
export interface Display {
  readonly sink: EventSink;
  finish(summary?: DeploymentSummary): void;
  /** The events so far: what `details` of the prompt shows (`renderDetails`). */
  readonly events: readonly EngineEvent[];
}

export function createDisplay(options: DisplayOptions): Display {
  const model = new RunModel(options.project, options.stack, options.dryRun);
  if (options.json) return options.dryRun ? digestDisplay(model, options) : eventDisplay(model, options);
  const colors = colorsFor(options.color);
  write(options, [`${colors.bold(colors.magenta(`${heading(options)} (${options.stack})`))}:`]);
  if (options.diff) return diffDisplay(model, options, colors);
  return options.interactive ? treeDisplay(model, options, colors) : lineDisplay(model, options, colors);
}

function heading({ kind, dryRun }: DisplayOptions): string {
  const words: Readonly<Record<UpdateKind, readonly [plan: string, doing: string]>> = {
    update: ["Previewing update", "Updating"],
    preview: ["Previewing update", "Previewing update"],
    refresh: ["Previewing refresh", "Refreshing"],
    destroy: ["Previewing destroy", "Destroying"],
  };
  return words[kind][dryRun ? 0 : 1];
}

function digestDisplay(model: RunModel, options: DisplayOptions): Display {
  return {
    events: model.events,
    sink: (event) => void model.accept(event),
    finish: () => write(options, [JSON.stringify(previewDigest(model.events), null, 4)]),
  };
}

function eventDisplay(model: RunModel, options: DisplayOptions): Display {
  let sequence = 0;
  return {
    events: model.events,
    sink(event) {
      model.accept(event);
      sequence += 1;
      write(options, [JSON.stringify(eventJson(event, sequence, Math.floor(Date.now() / 1000)))]);
    },
    finish: () => undefined,
  };
}

function treeDisplay(model: RunModel, options: DisplayOptions, colors: Colors): Display {
  const tree = new LiveTree(model, options.out, colors, options.showSames ?? false);
  return {
    events: model.events,
    sink: (event) => void model.accept(event),
    finish() {
      tree.finish();
      write(options, ["", ...closing(model, options, colors)]);
    },
  };
}

/** A line each time a resource begins or ends; what is unchanged is not told, unless it was begun with. */
function lineDisplay(model: RunModel, options: DisplayOptions, colors: Colors): Display {
  const told = new Map<string, string>();
  return {
    events: model.events,
    sink(event) {
      const row = model.accept(event);
      if (
        row === undefined ||
        (isUnchanged(row) &&
          event.kind !== "diagnostic" &&
          options.showSames !== true &&
          (isStackUrn(row.urn) || !told.has(row.urn)))
      )
        return;
      const line = rowLine(row, model.isPreview, colors);
      if (told.get(row.urn) === line) return;
      told.set(row.urn, line);
      write(options, [line]);
    },
    finish() {
      const root = model.rows.get(model.stackUrn);
      if (root !== undefined && root.op === "same")
        write(options, [rowLine(root, model.isPreview, colors, true)]);
      write(options, closing(model, options, colors));
    },
  };
}

function diffDisplay(model: RunModel, options: DisplayOptions, colors: Colors): Display {
  const shownDepth = (urn: string | undefined): number => {
    const parent = urn === undefined ? undefined : model.rows.get(urn);
    return parent === undefined ? 0 : 1 + shownDepth(parent.parent);
  };
  return {
    events: model.events,
    sink(event) {
      const row = model.accept(event);
      if (event.kind !== "resource-pre" || row === undefined) return;
      // The Stack heads the others even where it stays the same.
      if (isUnchanged(row) && !isStackUrn(row.urn)) return;
      if (event.metadata.logical) write(options, stepText(event.metadata, shownDepth(row.parent), colors));
    },
    finish: () => write(options, ["", ...closing(model, options, colors)]),
  };
}

function closing(model: RunModel, options: DisplayOptions, colors: Colors): string[] {
  const heading = options.diff ? "    --outputs:--" : colors.bold(colors.magenta("Outputs:"));
  return [
    ...diagnosticsLines(model, colors),
    ...(options.suppressOutputs === true ? [] : outputsLines(model, heading, colors)),
    ...summaryLines(model, colors),
  ];
}

function rowLine(row: Row, isPreview: boolean, colors: Colors, finished = false): string {
  const { prefix, type, name, status, info } = columnsOf(row, isPreview, finished);
  const text = ` ${prefix} ${type} ${name} ${status}`.trimEnd();
  return `${colorRow(row, text, colors)}${info === "" ? "" : ` ${info}`}`;
}

function isUnchanged(row: Row): boolean {
  const { old, new: state } = row.metadata;
  return row.op === "same" && (old?.protect ?? false) === (state?.protect ?? false);
}

const write = ({ out }: DisplayOptions, lines: readonly string[]): void => {
  if (lines.length > 0) out.write(`${lines.join("\n")}\n`);
};
