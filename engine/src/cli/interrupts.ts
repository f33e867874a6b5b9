/**
 * Ctrl-C while a run is under way. Once: what runs is finished, nothing new is started. Twice: what runs is ended.
 * A third time the program ends on the spot; the state then tells what was under way.
 *
 * A terminal that is closed counts as once, however often it says so: kernel and shell both do. Nobody reads what is
 * printed from then on, which is no reason to leave a run half done.
 */
export class Interrupts {
  private readonly canceling = new AbortController();
  private readonly terminating = new AbortController();
  readonly cancel = this.canceling.signal;
  readonly terminate = this.terminating.signal;

  constructor(private readonly dryRun: boolean) {
    process.on("SIGINT", this.onSignal);
    process.on("SIGTERM", this.onSignal);
    process.on("SIGHUP", this.onHangUp);
    for (const stream of [process.stdout, process.stderr]) stream.on("error", this.onOutputError);
  }

  stop(): void {
    process.off("SIGINT", this.onSignal);
    process.off("SIGTERM", this.onSignal);
    process.off("SIGHUP", this.onHangUp);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (!this.cancel.aborted) {
      process.stderr.write(this.firstMessage(signal));
      this.canceling.abort();
    } else if (!this.terminate.aborted) this.terminating.abort();
    else process.exit(130);
  };

  private readonly onHangUp = (): void => {
    if (!this.cancel.aborted) this.onSignal("SIGHUP");
  };

  /** Stays on to the end of the program, which may come to print its summary only later. */
  private readonly onOutputError = (): void => undefined;

  private firstMessage(signal: NodeJS.Signals): string {
    const [name, again] = signal === "SIGINT" ? ["^C", "press ^C again"] : [signal, "send SIGTERM"];
    const warning = this.dryRun
      ? ""
      : "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n";
    return `${name} received; cancelling. If you would like to terminate immediately, ${again}.\n${warning}`;
  }
}
