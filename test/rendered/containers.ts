import { randomBytes } from "node:crypto";
import { all, have, run, type Result } from "../unit/scripts/run";

/** Runs docker; rejects with all it said when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const result = await run("docker", args);
  if (result.code !== 0) throw new Error(`docker ${args.join(" ")}: ${all(result)}`);
  return result.stdout.trim();
}

/** Why tests with containers cannot run here, or nothing. */
export async function noDocker(): Promise<string | undefined> {
  if (!have("docker")) return "no docker command";
  const result = await run("docker", ["version", "--format", "{{.Server.Version}}"]);
  return result.code === 0 ? undefined : "no Docker engine answers";
}

/** For images/*.sh. MODE is said, because vitest has one of its own in the environment. */
export function environment(image: "registry" | "gateway"): NodeJS.ProcessEnv {
  return { ...process.env, IMAGE: image, MODE: "auto" };
}

/** The id of one of our images; built or pulled when it is not there. */
export async function provide(image: "registry" | "gateway"): Promise<string> {
  const result = await run("images/provide.sh", [], { env: environment(image) });
  if (result.code !== 0) throw new Error(all(result));
  return result.stdout.trim();
}

/** Containers of one test file, all removed by `dispose`. */
export class Containers {
  private readonly names: string[] = [];

  /** Starts one in the background and resolves with its name. */
  async start(options: readonly string[], image: string, command: readonly string[]): Promise<string> {
    const name = `regtest-img-${randomBytes(6).toString("hex")}`;
    this.names.push(name);
    await docker("run", "--detach", "--name", name, ...options, image, ...command);
    return name;
  }

  /** The port on 127.0.0.1 where a published port of the container answers. */
  async port(name: string, inside: number): Promise<number> {
    const published = await docker("port", name, String(inside));
    return Number(published.split("\n")[0]?.split(":").at(-1));
  }

  /** A shell command in a container that runs. */
  inside(name: string, script: string): Promise<Result> {
    return run("docker", ["exec", name, "sh", "-c", script]);
  }

  async dispose(): Promise<void> {
    if (this.names.length > 0) await run("docker", ["rm", "--force", "--volumes", ...this.names]);
  }
}
