import { emitKeypressEvents } from "node:readline";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import pc from "picocolors";

import { Fault } from "../values/fault";

export type ColorChoice = "auto" | "always" | "never" | "raw";

/** Where a run reads and writes, and whether a person sits in front of it. */
export class Terminal {
  readonly input = process.stdin;
  readonly output = process.stdout;
  /** Questions may be asked. */
  readonly interactive: boolean;
  readonly color: boolean;

  constructor(
    options: { readonly nonInteractive?: boolean; readonly color?: ColorChoice },
    env = process.env,
  ) {
    const isTerminal = isatty(this.output.fd);
    this.interactive =
      options.nonInteractive !== true && isTerminal && isatty(this.input.fd) && !isContinuousIntegration(env);
    const { color = "auto" } = options;
    const automatic = isTerminal && (env.NO_COLOR === undefined || env.NO_COLOR === "");
    this.color = color === "always" || (color === "auto" && automatic);
  }

  get paint(): ReturnType<typeof pc.createColors> {
    return pc.createColors(this.color);
  }

  print(text: string): void {
    this.output.write(`${text}\n`);
  }

  /** Tells people something that is no answer: scripts read only the standard output. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Asks for a line of text. */
  async ask(question: string): Promise<string> {
    const lines = createInterface({ input: this.input, output: this.output });
    try {
      return await lines.question(`${question}: `);
    } finally {
      lines.close();
    }
  }

  /** Asks for a text that is not shown while it is typed. */
  async askHidden(question: string): Promise<string> {
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: this.input, output: silent, terminal: true });
    this.output.write(`${question}: `);
    try {
      return await lines.question("");
    } finally {
      lines.close();
      this.output.write("\n");
    }
  }

  /** Lets the user choose with the arrow keys; what is typed jumps to the choice that begins with it. */
  async choose<T extends string>(question: string, choices: readonly T[], preset: T): Promise<T> {
    let at = Math.max(choices.indexOf(preset), 0);
    const paint = (): void => {
      const lines = choices.map((choice, index) =>
        index === at ? this.paint.cyan(`> ${choice}`) : `  ${choice}`,
      );
      this.output.write(`${lines.join("\n")}\n`);
    };
    this.output.write(`${this.paint.bold(question)}  [Use arrows to move, type to filter]\n`);
    paint();
    for await (const key of keys(this.input)) {
      if (key.ctrl && key.name === "c") throw new Fault("confirmation cancelled, not proceeding");
      if (key.name === "return" || key.name === "enter") break;
      if (key.name === "up") at = (at + choices.length - 1) % choices.length;
      else if (key.name === "down") at = (at + 1) % choices.length;
      else at = jump(choices, at, key.name);
      this.output.write(`\u001b[${choices.length}A\u001b[J`);
      paint();
    }
    return choices[at] ?? preset;
  }

  /** Reads all of the standard input. */
  async readAll(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.input) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks).toString("utf8");
  }
}

interface Key {
  readonly name: string;
  readonly ctrl: boolean;
}

async function* keys(input: NodeJS.ReadStream): AsyncGenerator<Key> {
  emitKeypressEvents(input);
  const waiting: Key[] = [];
  let wake: (() => void) | undefined;
  const onKey = (_: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    waiting.push({ name: key.name ?? "", ctrl: key.ctrl === true });
    wake?.();
  };
  input.on("keypress", onKey);
  input.setRawMode(true);
  input.resume();
  try {
    for (;;) {
      const key = waiting.shift();
      if (key !== undefined) yield key;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    input.off("keypress", onKey);
    input.setRawMode(false);
    input.pause();
  }
}

function jump(choices: readonly string[], at: number, typed: string): number {
  const index = choices.findIndex((choice) => typed !== "" && choice.startsWith(typed));
  return index < 0 ? at : index;
}

/** Where the CLI, too, asks no questions (`sdk/go/common/util/ciutil`). */
function isContinuousIntegration(env: NodeJS.ProcessEnv): boolean {
  return ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD", "BUILDKITE"].some(
    (name) => env[name] !== undefined && env[name] !== "" && env[name] !== "false",
  );
}
