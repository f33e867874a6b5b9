import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { goProgram } from "./go-program";
import { run, until, type Result } from "./run";

const VERSION = "v0.12.5";

export interface BuildKitPrograms {
  readonly buildkitd: string;
  readonly buildctl: string;
}

/** BuildKit's own daemon, as `docker buildx create` has it in a container, with all it keeps in a folder of the test's. */
export class BuildKit {
  private constructor(
    private readonly daemon: ChildProcess,
    private readonly folder: string,
    private readonly buildctl: string,
  ) {}

  /** Its programs, built once and kept in the cache; or why they cannot be had. */
  static async get(): Promise<BuildKitPrograms | { missing: string }> {
    const found: string[] = [];
    for (const name of ["buildctl", "buildkitd"]) {
      const built = await goProgram(name, `github.com/moby/buildkit/cmd/${name}`, VERSION);
      if ("missing" in built) return built;
      found.push(built.program);
    }
    const [buildctl = "", buildkitd = ""] = found;
    return { buildctl, buildkitd };
  }

  /** Trusts `ca` (a file) for the registry at `address` (`host:port`). */
  static async start(
    programs: BuildKitPrograms,
    parent: string,
    address: string,
    ca: string,
  ): Promise<BuildKit> {
    const folder = path.join(parent, "buildkit");
    mkdirSync(folder);
    const config = path.join(folder, "buildkitd.toml");
    writeFileSync(config, `[registry."${address}"]\n  ca = ["${ca}"]\n`);
    const daemon = spawn(
      programs.buildkitd,
      [
        ...["--config", config, "--root", path.join(folder, "root"), "--addr", `unix://${folder}/socket`],
        ...["--oci-worker", "true", "--containerd-worker", "false", "--oci-worker-snapshotter", "native"],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let log = "";
    daemon.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
    await until("buildkitd", () => {
      if (daemon.exitCode !== null) throw new Error(`buildkitd: ${log}`);
      return existsSync(path.join(folder, "socket"));
    });
    return new BuildKit(daemon, folder, programs.buildctl);
  }

  /** Builds a Dockerfile and pushes the image, with the logins in `config` (a folder as `docker --config` takes it). */
  build(dockerfile: string, image: string, config: string): Promise<Result> {
    const context = path.join(this.folder, "context");
    mkdirSync(context, { recursive: true });
    writeFileSync(path.join(context, "Dockerfile"), dockerfile);
    return run(
      this.buildctl,
      [
        ...[
          "--addr",
          `unix://${this.folder}/socket`,
          "build",
          "--progress",
          "plain",
          "--frontend",
          "dockerfile.v0",
        ],
        ...["--local", `context=${context}`, "--local", `dockerfile=${context}`],
        ...["--output", `type=image,name=${image},push=true`],
      ],
      { env: { DOCKER_CONFIG: config } },
    );
  }

  async stop(): Promise<void> {
    const ended = once(this.daemon, "exit");
    this.daemon.kill();
    await ended;
  }
}
