import { spawn, type ChildProcess } from "node:child_process";
import { must, run, type Result } from "./run";

export interface Revision {
  readonly volume: string;
  readonly image: string;
  readonly revision: string;
  readonly generation?: string;
  readonly owner?: string;
  /** Shell command that must accept the files. */
  readonly check?: string;
}

const SCRIPT = "components/docker-host/write-files.sh";

function environment({ volume, image, revision, generation = "gen", owner = "33:33", check = "" }: Revision) {
  return {
    VOLUME: volume,
    IMAGE: image,
    REVISION: revision,
    GENERATION: generation,
    OWNER: owner,
    CHECK: check,
  };
}

export function encode(files: Readonly<Record<string, string>>): string {
  return Object.entries(files)
    .map(([name, text]) => `${name} ${Buffer.from(text).toString("base64")}\n`)
    .join("");
}

/** Writes a revision by the real script, as the program's command does. */
export function writeFiles(to: Revision, files: Readonly<Record<string, string>>): Promise<Result> {
  return writeRaw(to, `${encode(files)}.\n`);
}

export function writeRaw(to: Revision, input: string): Promise<Result> {
  return run("sh", [SCRIPT], { env: environment(to), input });
}

/** Begins to write and leaves the input open. */
export function beginWriting(to: Revision, input: string): ChildProcess {
  const child = spawn("sh", [SCRIPT], {
    env: { ...process.env, ...environment(to) },
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.write(input);
  return child;
}

/** Runs a shell command as root in the volume, at /files. */
export function inVolume(volume: string, image: string, command: string): Promise<string> {
  const mount = ["--volume", `${volume}:/files`, "--workdir", "/files"];
  return must("docker", [
    "run",
    "--rm",
    "--network",
    "none",
    "--user",
    "0:0",
    ...mount,
    "--entrypoint",
    "/bin/sh",
    image,
    "-c",
    command,
  ]);
}
