/**
 * Ctrl-C while a run is under way. Once: what runs is finished, nothing new is started. Twice: what runs is ended.
 * A third time the program ends on the spot; the state then tells what was under way.
 */
export class Interrupts {
  private readonly canceling = new AbortController();
  private readonly terminating = new AbortController();
  readonly cancel = this.canceling.signal;
  readonly terminate = this.terminating.signal;

  constructor(private readonly dryRun: boolean) {
    process.on("SIGINT", this.onSignal);
    process.on("SIGTERM", this.onSignal);
  }

  stop(): void {
    process.off("SIGINT", this.onSignal);
    process.off("SIGTERM", this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (!this.cancel.aborted) {
      process.stderr.write(this.firstMessage(signal));
      this.canceling.abort();
    } else if (!this.terminate.aborted) this.terminating.abort();
    else process.exit(130);
  };

  private firstMessage(signal: NodeJS.Signals): string {
    const [name, again] = signal === "SIGTERM" ? ["SIGTERM", "send SIGTERM again"] : ["^C", "press ^C again"];
    const warning = this.dryRun
      ? ""
      : "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n";
    return `${name} received; cancelling. If you would like to terminate immediately, ${again}.\n${warning}`;
  }
}
