import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export type Engine = "embedded" | "cli";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Measured {
  /** Wall-clock time. */
  readonly seconds: number;
  /** The engine's own process at its largest, in MiB; its program and plugins are not in it. */
  readonly mebibytes: number;
}

/** Where a real CLI is on PATH, with its version. */
export function realCli(): string | undefined {
  try {
    return execFileSync("pulumi", ["version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}

export async function measure({ program, args, cwd, env }: Command): Promise<Measured> {
  const began = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  let mebibytes = 0;
  const timer = setInterval(() => {
    mebibytes = Math.max(mebibytes, highWaterMark(child.pid ?? 0));
  }, 20);
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${String(code)}\n${said}`);
  return { seconds: (performance.now() - began) / 1000, mebibytes };
}

function highWaterMark(pid: number): number {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Each command in turn, `rounds` times: what slows the machine down slows all of them. Medians. */
export async function alternate<Name extends string>(
  commands: Readonly<Record<Name, Command>>,
  rounds: number,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(commands) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) all[name].push(await measure(commands[name]));
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        seconds: median(all[name].map(({ seconds }) => seconds)),
        mebibytes: median(all[name].map(({ mebibytes }) => mebibytes)),
      },
    ]),
  ) as Record<Name, Measured>;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
