import type { RunModel } from "./run-model";
import { treeLines } from "./tree";
import type { Colors } from "./labels";

const paintEvery = 100;
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** The tree of resources on a terminal, painted anew as it changes. */
export class LiveTree {
  private painted = 0;
  private readonly timer: NodeJS.Timeout;
  private readonly restore = () => this.out.write(showCursor);

  constructor(
    private readonly model: RunModel,
    private readonly out: NodeJS.WriteStream,
    private readonly colors: Colors,
    private readonly showSames: boolean,
  ) {
    out.write(hideCursor);
    process.once("exit", this.restore);
    // The seconds of what is under way go on although nothing happens.
    this.timer = setInterval(() => this.paint(false), paintEvery);
    this.timer.unref();
  }

  /** Paints the last state, whole, and gives the terminal back. */
  finish(): void {
    clearInterval(this.timer);
    this.paint(true);
    process.removeListener("exit", this.restore);
    this.restore();
  }

  private paint(finished: boolean): void {
    const { columns: width, rows: height } = this.out;
    const all = treeLines(this.model, {
      colors: this.colors,
      width: width - 1,
      finished,
      showSames: this.showSames,
    });
    // What has scrolled out of the terminal cannot be painted again: while it runs, only the end is shown.
    const lines = finished ? all : all.slice(-Math.max(1, height - 2));
    const up = this.painted > 0 ? `\u001b[${this.painted}A` : "";
    this.out.write(`${up}\u001b[0J${lines.map((line) => `${line}\n`).join("")}`);
    this.painted = lines.length;
  }
}
