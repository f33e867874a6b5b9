import { execFile } from "node:child_process";

/** How long one docker command may take that only looks, in milliseconds: a host that hangs must not hang us. */
const LOOK_TIMEOUT = 60_000;

/** What the docker command said when it failed: its last line, without the advice to read its help. */
export class DockerError extends Error {
  constructor(
    readonly command: string,
    readonly output: string,
  ) {
    super(output === "" ? `docker ${command} failed` : output);
    this.name = "DockerError";
  }
}

/**
 * The environment of a program that ours starts. Pulumi hands the stack's configuration to us in variables, decrypted:
 * they must not go further.
 */
export function childEnvironment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, PULUMI_CONFIG: undefined, PULUMI_CONFIG_SECRET_KEYS: undefined, ...own };
}

/** Runs the docker command against the engine at `uri`; resolves with what it printed, trimmed. */
export function docker(uri: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: LOOK_TIMEOUT,
      env: childEnvironment({ DOCKER_HOST: uri }),
      maxBuffer: 16 * 1024 * 1024,
    };
    execFile("docker", args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else if (error.code === "ENOENT")
        reject(new DockerError(args[0] ?? "", "the docker command is not installed on this machine"));
      else if (error.killed === true)
        reject(new DockerError(args[0] ?? "", `no answer within ${LOOK_TIMEOUT / 1000} s`));
      else reject(new DockerError(args[0] ?? "", lastLine(stderr)));
    });
  });
}

function lastLine(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(See|Run) '|^errors pretty printing/.test(line));
  return lines.at(-1)?.trim() ?? "";
}
