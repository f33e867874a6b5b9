import pc from "picocolors";
import type { StepOp } from "../deployment/events";

export type Colors = ReturnType<typeof pc.createColors>;

export const colorsFor = (enabled: boolean): Colors => pc.createColors(enabled);

interface OpLabel {
  /** Two characters in front of a resource. */
  readonly prefix: string;
  readonly color: keyof Pick<Colors, "green" | "red" | "yellow" | "magenta" | "cyan" | "dim">;
  /** In a preview. */
  readonly plan: string;
  readonly running: string;
  readonly done: string;
}

/** How each operation is shown, in the CLI's words (`pkg/backend/display/progress.go` of Pulumi). */
const labels: Readonly<Record<StepOp, OpLabel>> = {
  same: { prefix: "  ", color: "dim", plan: "", running: "", done: "" },
  create: { prefix: "+ ", color: "green", plan: "create", running: "creating", done: "created" },
  update: { prefix: "~ ", color: "yellow", plan: "update", running: "updating", done: "updated" },
  delete: { prefix: "- ", color: "red", plan: "delete", running: "deleting", done: "deleted" },
  replace: { prefix: "+-", color: "magenta", plan: "replace", running: "replacing", done: "replaced" },
  "create-replacement": {
    prefix: "++",
    color: "green",
    plan: "create replacement",
    running: "creating replacement",
    done: "created replacement",
  },
  "delete-replaced": {
    prefix: "--",
    color: "red",
    plan: "delete original",
    running: "deleting original",
    done: "deleted original",
  },
  read: { prefix: "> ", color: "cyan", plan: "read", running: "reading", done: "read" },
  "read-replacement": {
    prefix: ">>",
    color: "cyan",
    plan: "replace",
    running: "reading for replacement",
    done: "read for replacement",
  },
  discard: { prefix: "< ", color: "red", plan: "discard", running: "discarding", done: "discarded" },
  "discard-replaced": {
    prefix: "<<",
    color: "red",
    plan: "discard",
    running: "discarding original",
    done: "discarded original",
  },
  refresh: { prefix: "~ ", color: "yellow", plan: "refresh", running: "refreshing", done: "refresh" },
  "remove-pending-replace": { prefix: "~ ", color: "dim", plan: "", running: "", done: "" },
};

/** In which order a summary counts them. */
export const operationsInOrder = Object.keys(labels) as readonly StepOp[];

export const labelOf = (op: StepOp): OpLabel => labels[op];

/** `text` in the colour of an operation. */
export const inColorOf = (op: StepOp, text: string, colors: Colors): string => colors[labels[op].color](text);

/** The past tense a summary uses: `created`, `replaced`. */
export const pastTense = (op: StepOp): string => (op === "refresh" ? "refreshed" : labels[op].done);
