import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { TestProject } from "../cli/cli";
import { freePort } from "../providers/command/sshd";
import { RealParts } from "../real-parts";
import { golden } from "../state/golden";

/** What the golden program is given here, and what it had when it was recorded. */
type Names = readonly (readonly [here: string, recorded: string])[];

/** The golden program in a folder of its own, with names of its own, a host behind SSH and an image for its container. */
export class GoldenProject {
  private constructor(
    readonly project: TestProject,
    private readonly parts: RealParts,
    private readonly names: Names,
  ) {}

  static async start(): Promise<GoldenProject> {
    const parts = await RealParts.start("golden");
    const project = await TestProject.make("name: golden\nruntime:\n  name: nodejs\n");
    const names: Names = [
      [`${parts.prefix}net`, "golden-net"],
      [`${parts.prefix}vol`, "golden-vol"],
      [`${parts.prefix}registry`, "golden-registry"],
      [path.join(project.folder, "golden-remote"), "/tmp/golden-remote"],
      [path.join(project.folder, "golden-etc"), "/tmp/golden-etc"],
      [parts.image, "registry:3-local"],
      [`external: ${await freePort()}`, "external: 15001"],
      [`port: ${parts.sshd.port}`, "port: 2222"],
    ];
    for (const file of ["package.json", "tsconfig.json", "Pulumi.dev.yaml"]) {
      cpSync(golden(`program/${file}`), path.join(project.folder, file));
    }
    const program = readFileSync(golden("program/index.ts"), "utf8");
    writeFileSync(
      path.join(project.folder, "index.ts"),
      names.reduce((text, [here, recorded]) => text.replaceAll(recorded, here), program),
    );
    return new GoldenProject(project, parts, names);
  }

  async init(): Promise<void> {
    await this.project.ok(["stack", "init", "dev"], this.options);
    await this.project.ok(["config", "set", "hostKey", this.parts.sshd.hostKey], this.options);
    const input = this.parts.sshd.privateKey;
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
    this.parts.stop();
    rmSync(this.project.folder, { recursive: true, force: true });
  }
}
