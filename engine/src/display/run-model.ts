import type { DiagnosticEvent, EngineEvent, StepMetadata, StepOp, SummaryEvent } from "../deployment/events";
import { isStackUrn, stackType } from "../deployment/urn";
import type { Urn } from "../state/resource";
import type { PropertyMap } from "../values/value";

/** One resource as a run has shown it so far. */
export interface Row {
  readonly urn: Urn;
  readonly parent: Urn | undefined;
  /** What is or was done to it; of several steps the last. */
  op: StepOp;
  metadata: StepMetadata;
  status: "running" | "done" | "failed";
  /** `performance.now()`. */
  readonly started: number;
  ended: number | undefined;
  /** The last line it has said. */
  lastMessage: string;
  readonly diagnostics: DiagnosticEvent[];
}

/** What a run's events add up to: a row a resource, messages, outputs, the summary. */
export class RunModel {
  readonly rows = new Map<Urn, Row>();
  /** Messages about the run as a whole. */
  readonly general: DiagnosticEvent[] = [];
  /** Messages about a resource, also one that no step has shown yet. */
  readonly messages = new Map<Urn, DiagnosticEvent[]>();
  readonly events: EngineEvent[] = [];
  readonly stackUrn: Urn;
  summary: SummaryEvent | undefined;
  oldOutputs: PropertyMap = {};
  newOutputs: PropertyMap | undefined;
  failedResources = 0;

  constructor(
    project: string,
    stack: string,
    readonly isPreview: boolean,
  ) {
    this.stackUrn = `urn:pulumi:${stack}::${project}::${stackType}::${project}-${stack}`;
  }

  /** Takes an event in; the row it changes, if it is about one. */
  accept(event: EngineEvent): Row | undefined {
    this.events.push(event);
    switch (event.kind) {
      case "resource-pre":
        return this.begin(event.metadata);
      case "resource-outputs":
        return this.end(event.metadata, "done");
      case "resource-failed":
        this.failedResources += 1;
        return this.end(event.metadata, "failed");
      case "diagnostic":
        return this.diagnose(event);
      case "summary":
        this.summary = event;
        return undefined;
      default:
        return undefined;
    }
  }

  private begin(metadata: StepMetadata): Row {
    const { urn, op, old } = metadata;
    if (isStackUrn(urn) && old !== undefined) this.oldOutputs = old.outputs;
    const known = this.rows.get(urn);
    if (known !== undefined) {
      known.op = op;
      known.metadata = metadata;
      known.status = "running";
      known.ended = undefined;
      return known;
    }
    const row: Row = {
      urn,
      parent: (metadata.new ?? old)?.parent,
      op,
      metadata,
      status: "running",
      started: performance.now(),
      ended: undefined,
      lastMessage: "",
      diagnostics: this.messagesOf(urn),
    };
    this.rows.set(urn, row);
    return row;
  }

  private end(metadata: StepMetadata, status: "done" | "failed"): Row {
    const row = this.rows.get(metadata.urn) ?? this.begin(metadata);
    if (isStackUrn(metadata.urn) && metadata.op !== "delete") this.newOutputs = metadata.new?.outputs;
    row.op = metadata.op;
    row.metadata = metadata;
    row.status = status;
    row.ended = performance.now();
    return row;
  }

  private messagesOf(urn: Urn): DiagnosticEvent[] {
    const messages = this.messages.get(urn) ?? [];
    this.messages.set(urn, messages);
    return messages;
  }

  private diagnose(event: DiagnosticEvent): Row | undefined {
    if (event.severity === "debug") return undefined;
    const row = event.urn === undefined ? undefined : this.rows.get(event.urn);
    if (event.ephemeral !== true) {
      (event.urn === undefined ? this.general : this.messagesOf(event.urn)).push(event);
    }
    const shown = row ?? this.rows.get(this.stackUrn);
    if (shown !== undefined) shown.lastMessage = firstLine(event.message);
    return shown;
  }
}

export const firstLine = (text: string): string => text.trim().split("\n", 1)[0] ?? "";
