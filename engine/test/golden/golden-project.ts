import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { TestProject } from "../cli/cli";
import { clearAway, docker, importBusybox } from "../providers/docker/docker-host";
import { freePort, startSshd, type Sshd } from "../providers/command/sshd";
import { golden } from "../state/golden";

const prefix = `regtest-golden-${process.pid}-`;
const image = `${prefix}image:local`;

/** What the golden program is given here, and what it had when it was recorded. */
type Names = readonly (readonly [here: string, recorded: string])[];

/** The golden program in a folder of its own, with names of its own, a host behind SSH and an image for its container. */
export class GoldenProject {
  private constructor(
    readonly project: TestProject,
    private readonly sshd: Sshd,
    private readonly names: Names,
  ) {}

  static async start(): Promise<GoldenProject> {
    importImage();
    const sshd = await startSshd();
    const project = await TestProject.make("name: golden\nruntime:\n  name: nodejs\n");
    const names: Names = [
      [`${prefix}net`, "golden-net"],
      [`${prefix}vol`, "golden-vol"],
      [`${prefix}registry`, "golden-registry"],
      [path.join(project.folder, "golden-remote"), "/tmp/golden-remote"],
      [path.join(project.folder, "golden-etc"), "/tmp/golden-etc"],
      [image, "registry:3-local"],
      [`external: ${await freePort()}`, "external: 15001"],
      [`port: ${sshd.port}`, "port: 2222"],
    ];
    const found = new GoldenProject(project, sshd, names);
    for (const file of ["package.json", "tsconfig.json", "Pulumi.dev.yaml"]) {
      cpSync(golden(`program/${file}`), path.join(project.folder, file));
    }
    const program = readFileSync(golden("program/index.ts"), "utf8");
    writeFileSync(
      path.join(project.folder, "index.ts"),
      names.reduce((text, [here, recorded]) => text.replaceAll(recorded, here), program),
    );
    return found;
  }

  /** A stack of its own: nothing of what was recorded, or with another engine, is in it. */
  async init(): Promise<void> {
    await this.project.ok(["stack", "init", "dev"], this.options);
    await this.project.ok(["config", "set", "hostKey", this.sshd.hostKey], this.options);
    const input = this.sshd.privateKey;
    await this.project.ok(["config", "set", "--secret", "sshKey"], { ...this.options, input });
  }

  get options() {
    return { env: { PULUMI_CONFIG_PASSPHRASE: "golden", PULUMI_NODEJS_TRANSPILE_ONLY: "true" } };
  }

  async atStep(step: number): Promise<void> {
    await this.project.ok(["config", "set", "step", String(step)], this.options);
  }

  /** `text` with the names it had when it was recorded. */
  asRecorded(text: string): string {
    return this.names
      .map(([here, recorded]) => [here.replace(/^\w+: /, ""), recorded.replace(/^\w+: /, "")] as const)
      .reduce((changed, [here, recorded]) => changed.replaceAll(here, recorded), text);
  }

  stop(): void {
    this.sshd.stop();
    clearAway(prefix);
    docker("image", "rm", "-f", image);
    rmSync(this.project.folder, { recursive: true, force: true });
  }
}

/** An image that looks to Docker like the one of the recording, with a program that only stays. */
function importImage(): void {
  importBusybox(
    image,
    ["printf '#!/bin/sh\\nexec sleep 600\\n' > root/bin/registry", "chmod 755 root/bin/registry"],
    ['ENTRYPOINT ["/bin/registry"]', 'CMD ["serve","/etc/distribution/config.yml"]'],
  );
}
