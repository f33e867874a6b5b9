import { launchProgram, type LaunchedProgram, type ProgramSettings } from "../protocol/program";
import { findSdk } from "../protocol/sdk";

/**
 * Starts processes for the program ahead of its runs: each loads the SDK, which takes most of a second, while the key is
 * derived from the passphrase, the state read, or the run before it carried out.
 */
export class Launcher {
  private settings: Omit<ProgramSettings, "dryRun"> | undefined;
  private parallel = 1;
  private waiting: LaunchedProgram | undefined;

  /** @param runs those that are certain to come, and whether each is a preview */
  constructor(private readonly runs: boolean[]) {}

  /** Launches the first. */
  open(settings: Omit<ProgramSettings, "dryRun">, parallel: number): void {
    // Arguments of node itself may be for one process at a time (`--inspect`), and run what they like (`--require`).
    if (settings.runtimeOptions.nodeargs !== undefined) return;
    [this.settings, this.parallel] = [settings, parallel];
    this.launch();
  }

  /** Launches the next; does nothing where one is waiting, or no more are certain to come. */
  launch(): void {
    if (this.settings === undefined || this.waiting !== undefined) return;
    const dryRun = this.runs.shift();
    if (dryRun === undefined) return;
    try {
      const directory = findSdk(this.settings.programDirectory);
      this.waiting = launchProgram(directory, { ...this.settings, dryRun }, this.parallel);
    } catch {
      // The run comes to it again, and tells.
    }
  }

  /** The one that is waiting; `undefined`: the run has to start its own. */
  take(): LaunchedProgram | undefined {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }

  discard(): void {
    this.take()?.discard();
  }
}
