import type { Urn } from "../state/resource";
import type { EventSink, Severity } from "./events";
import type { SecretFilter } from "./secret-filter";

/** Thrown when a run cannot go on and its reason has been told already. */
export class AlreadyReported extends Error {
  constructor(message = "already reported") {
    super(message);
    this.name = "AlreadyReported";
  }
}

/** Where a run's messages for people go; secrets are taken out on the way. */
export class Diagnostics {
  /** True as soon as the run has failed: by `error` or `fail`, not by an error that a program or provider logs. */
  failed = false;
  /** The program has failed: what it said needs no line to close with. */
  programFailed = false;
  /** True as soon as an error has been told, whoever told it. */
  toldError = false;

  constructor(
    private readonly sink: EventSink,
    private readonly filter: SecretFilter,
  ) {}

  /** Tells why the run has failed. */
  error(message: string, urn?: Urn): void {
    this.fail();
    this.tell("error", message, urn);
  }

  /** The run has failed, for a reason that has been told. */
  fail(): void {
    this.failed = true;
  }

  warning(message: string, urn?: Urn): void {
    this.tell("warning", message, urn);
  }

  info(message: string, urn?: Urn): void {
    this.tell("info", message, urn);
  }

  /** A line while something runs; `ephemeral` ones are gone afterwards. */
  tell(severity: Severity, message: string, urn?: Urn, ephemeral = false): void {
    if (severity === "error" && !ephemeral) this.toldError = true;
    this.sink({
      kind: "diagnostic",
      severity,
      message: this.filter.blind(message),
      ...(urn === undefined ? {} : { urn }),
      ...(ephemeral ? { ephemeral } : {}),
    });
  }
}
