import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { PropertyMap } from "../../values/value";
import type { OperationContext } from "../provider";
import { text } from "./inputs";

/** What a command has printed. */
export interface Captured {
  readonly stdout: string;
  readonly stderr: string;
}

type Stream = keyof Captured;

/** Both streams of a running command: each by itself, and together in the order in which they came. */
export class Capture {
  private readonly chunks: { readonly stream: Stream; readonly chunk: Buffer }[] = [];

  /** Gathers what `streams` carry, and logs its lines as they come, as far as `logging` asks for it. */
  constructor(streams: Readonly<Record<Stream, Readable>>, inputs: PropertyMap, context: OperationContext) {
    const logging = text(inputs, "logging") ?? "stdoutAndStderr";
    for (const stream of ["stdout", "stderr"] as const) {
      const source = streams[stream];
      source.on("data", (chunk: Buffer) => this.chunks.push({ stream, chunk }));
      if (logging !== stream && logging !== "stdoutAndStderr") continue;
      createInterface({ input: source }).on("line", (line) => {
        context.log("info", line);
      });
    }
  }

  /** Everything, as the error of a failed command shows it. */
  get both(): string {
    return this.joined();
  }

  /** Each stream, the last line's end left out. */
  get result(): Captured {
    return {
      stdout: this.joined("stdout").replace(/\n$/, ""),
      stderr: this.joined("stderr").replace(/\n$/, ""),
    };
  }

  private joined(only?: Stream): string {
    const wanted = this.chunks.filter(({ stream }) => only === undefined || stream === only);
    return Buffer.concat(wanted.map(({ chunk }) => chunk)).toString();
  }
}

/** What the last command printed, as variables for the next one, unless `addPreviousOutputInEnv` is false. */
export function previousOutput(inputs: PropertyMap, previous: Partial<Captured>): Record<string, string> {
  if (inputs["addPreviousOutputInEnv"] === false) return {};
  const { stdout = "", stderr = "" } = previous;
  return {
    ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
  };
}

/** A failed command's error, in the plugin's words: why, the command, and all that it printed. */
export const failure = (reason: string, command: string, { both }: Capture): Error =>
  new Error(`${reason}: running ${JSON.stringify(command)}:\n${both}`);
