import type { DiagnosticEvent, EngineEvent, StepMetadata, StepOp, SummaryEvent } from "../deployment/events";
import { isStackUrn, parseUrn, stackType } from "../deployment/urn";
import type { Urn } from "../state/resource";
import type { PropertyMap } from "../values/value";
import { shownType } from "./resource-name";

/** One resource as a run has shown it so far. */
export interface Row {
  readonly urn: Urn;
  parent: Urn | undefined;
  /** What is or was done to it; of several steps the last. */
  op: StepOp;
  /** Of a replacement the step that tells why; its two halves do not. */
  replacement: StepMetadata | undefined;
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
  /** Messages by resource, also one that no step has shown yet; those about the run as a whole are the Stack's. */
  readonly messages = new Map<Urn, DiagnosticEvent[]>();
  readonly events: EngineEvent[] = [];
  readonly stackUrn: Urn;
  summary: SummaryEvent | undefined;
  oldOutputs: PropertyMap = {};
  newOutputs: PropertyMap | undefined;

  constructor(
    project: string,
    stack: string,
    readonly isPreview: boolean,
  ) {
    this.stackUrn = `urn:pulumi:${stack}::${project}::${stackType}::${project}-${stack}`;
  }

  /** How many resources something went wrong with; the Stack stands for what concerns none of them. */
  get erroredResources(): number {
    const failed = [...this.rows.values()].filter(hasFailed).map(({ urn }) => urn);
    const blamed = [...this.messages].filter(([, list]) => list.some(isError)).map(([urn]) => urn);
    return new Set([...failed, ...blamed]).size;
  }

  /** Takes an event in; the row it changes, if it is about one. */
  accept(event: EngineEvent): Row | undefined {
    this.events.push(event);
    switch (event.kind) {
      case "resource-pre":
      case "resource-outputs":
        if (passedOver.includes(event.metadata.op)) return undefined;
        if (event.metadata.op === "read") return this.reading(event.metadata);
        return event.kind === "resource-pre" ? this.begin(event.metadata) : this.end(event.metadata, "done");
      case "resource-failed":
        return this.end(shownOf(event.metadata), "failed");
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
      known.parent ??= (metadata.new ?? old)?.parent;
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
      replacement: undefined,
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
    if (metadata.op === "replace") row.replacement = metadata;
    row.op = metadata.op;
    row.metadata = metadata;
    row.status = status;
    row.ended = performance.now();
    return row;
  }

  /** A read is no operation on the stack: it shows while it happens. */
  private reading({ type, urn }: StepMetadata): Row | undefined {
    const root = this.rows.get(this.stackUrn);
    if (root !== undefined) root.lastMessage = `read ${shownType(type)} ${parseUrn(urn).name}`;
    return root;
  }

  private messagesOf(urn: Urn): DiagnosticEvent[] {
    const messages = this.messages.get(urn) ?? [];
    this.messages.set(urn, messages);
    return messages;
  }

  /** A resource of which there is a message, and no step yet. */
  private mentioned(urn: Urn): Row {
    return this.begin({ op: "same", urn, type: parseUrn(urn).type, logical: true, provider: "" });
  }

  private diagnose(event: DiagnosticEvent): Row | undefined {
    if (event.severity === "debug") return undefined;
    const { urn = this.stackUrn, severity, message } = event;
    if (event.ephemeral !== true) this.messagesOf(urn).push(event);
    const shown = this.rows.get(urn) ?? (urn === this.stackUrn ? undefined : this.mentioned(urn));
    const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
    if (shown !== undefined) shown.lastMessage = prefix + firstLine(message);
    return shown;
  }
}

/** Removals of what was only read: of no more interest than reads are. */
const passedOver: readonly StepOp[] = ["discard", "read-replacement"];

const shownOf = (metadata: StepMetadata): StepMetadata =>
  metadata.op === "read" || passedOver.includes(metadata.op) ? { ...metadata, op: "same" } : metadata;

export const hasFailed = ({ status, diagnostics }: Row): boolean =>
  status === "failed" || diagnostics.some(isError);

const isError = ({ severity }: DiagnosticEvent): boolean => severity === "error";

export const firstLine = (text: string): string => text.trim().split("\n", 1)[0] ?? "";
