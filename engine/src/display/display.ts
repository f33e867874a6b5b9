import type { EngineEvent, EventSink } from "../deployment/events";
import type { DeploymentSummary } from "../deployment/request";
import type { UpdateKind } from "../state/store";

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
  finish(summary: DeploymentSummary): void;
  /** The events so far: what `details` of the prompt shows (`renderDetails`). */
  readonly events: readonly EngineEvent[];
}

export declare function createDisplay(options: DisplayOptions): Display;

/** What the answer `details` shows: every changed property of a preview. */
export declare function renderDetails(events: readonly EngineEvent[], options: { color: boolean }): string;
