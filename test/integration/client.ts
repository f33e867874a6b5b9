import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { must, run, type Deployment, type Outputs, type Result } from "./deployment";

/** A real Docker client with a login file of its own, pushing and pulling images made for the test. */
export class DockerClient {
  private readonly config: string;

  constructor(
    private readonly deployment: Deployment,
    private readonly address: string,
  ) {
    this.config = deployment.file("docker-config");
    fs.mkdirSync(this.config, { recursive: true });
  }

  login(user: string, password: string): Promise<Result> {
    return this.docker(["login", "--username", user, "--password-stdin", this.address], password);
  }

  docker(args: readonly string[], input?: string): Promise<Result> {
    return run("docker", ["--config", this.config, ...args], input === undefined ? {} : { input });
  }

  /** Makes an image with one layer of `mebibytes` of random bytes, and gives it `repository`'s name here. */
  async image(repository: string, mebibytes: number): Promise<string> {
    const name = `${this.address}/${repository}`;
    const folder = this.deployment.file("image-to-push");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "layer"), randomBytes(mebibytes * 1024 * 1024));
    const tar = this.deployment.file("image-to-push.tar");
    await must("tar", ["-cf", tar, "-C", folder, "."]);
    await must("docker", ["import", tar, name]);
    return name;
  }

  /** Pulls by name after the local copy is gone, and resolves with the image's id. */
  async pullFresh(name: string): Promise<string> {
    await run("docker", ["rmi", "--force", name]);
    const pull = await this.docker(["pull", name]);
    if (pull.code !== 0) throw new Error(`docker pull ${name}: ${pull.output}`);
    return (await must("docker", ["image", "inspect", "--format", "{{.Id}}", name])).trim();
  }

  async imageId(name: string): Promise<string> {
    return (await must("docker", ["image", "inspect", "--format", "{{.Id}}", name])).trim();
  }
}

/** An HTTPS request with curl that trusts only `ca`, and finds the name without the machine's help. */
export async function curl(
  outputs: Outputs,
  target: string,
  options: { user?: string; ip: string; ca: string },
): Promise<Result> {
  const [, port] = outputs.address.split(":");
  const host = outputs.address.split(":")[0] ?? "";
  // The user goes by stdin (-K -): never in a command line.
  const config = options.user === undefined ? "" : `user = "${options.user}"\n`;
  return run(
    "curl",
    [
      "-sS",
      "-K",
      "-",
      "--cacert",
      options.ca,
      "--resolve",
      `${host}:${port ?? ""}:${options.ip}`,
      "-w",
      "\n%{http_code}",
      `${outputs.url}${target}`,
    ],
    { input: config },
  );
}
