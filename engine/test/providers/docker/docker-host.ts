import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provider } from "../../../src/providers/docker";
import type {
  ConfiguredProvider,
  CreateResult,
  OperationContext,
  ResourceType,
} from "../../../src/providers/provider";
import type { PropertyMap } from "../../../src/values/value";

/** Everything these tests make carries it, so that it can be found and cleared away. */
export const prefix = "regtest-prov-";
export const image = "regtest-prov-busybox:latest";

function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
export { docker };

export function dockerAnswers(): boolean {
  try {
    docker("info");
    return true;
  } catch {
    return false;
  }
}

/**
 * An image with a static busybox, from Debian's package; returns its id.
 * @param prepare shell commands for its folder `root` before it is packed
 * @param changes what the image says of itself, as in a Dockerfile
 */
export function importBusybox(
  tag = image,
  prepare: readonly string[] = [],
  changes: readonly string[] = ['CMD ["/bin/sleep","600"]'],
): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  try {
    execFileSync("apt-get", ["download", "busybox-static"], { cwd: folder, stdio: "pipe" });
    const [deb = ""] = readdirSync(folder).filter((file) => file.endsWith(".deb"));
    execFileSync("dpkg", ["-x", deb, "root"], { cwd: folder });
    const script = [
      "mkdir -p root/tmp root/etc root/run root/data root/bin",
      "test -e root/bin/busybox || cp root/usr/bin/busybox root/bin/",
      "for name in sh sleep cat echo test touch true false httpd; do ln -sf busybox root/bin/$name; done",
      ...prepare,
      `tar -C root -c . | docker import ${changes.map((change) => `--change '${change}'`).join(" ")} - ${tag}`,
    ];
    execFileSync("sh", ["-ec", script.join("\n")], { cwd: folder, stdio: "pipe" });
    return docker("image", "inspect", "--format", "{{.Id}}", tag);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Removes whatever carries the prefix: also what a failed test left. */
export function clearAway(own = prefix): void {
  const named = (kind: string, format: string): string[] =>
    docker(kind, "ls", ...(kind === "container" ? ["-a"] : []), "--filter", `name=${own}`, "--format", format)
      .split("\n")
      .filter((name) => name !== "");
  for (const id of named("container", "{{.ID}}")) docker("rm", "-f", "-v", id);
  for (const id of named("network", "{{.ID}}")) docker("network", "rm", id);
  for (const name of named("volume", "{{.Name}}")) docker("volume", "rm", "-f", name);
}

export const context: OperationContext = { log: () => undefined, signal: new AbortController().signal };

/** A resource of one type, driven through its verbs as the engine does. */
export class Driven {
  readonly type: ResourceType;
  readonly urn: string;

  constructor(token: string, name: string, configured: ConfiguredProvider = provider.configure({})) {
    const found = configured.resources[token];
    if (found === undefined) throw new Error(`There is no resource type ${token}.`);
    this.type = found;
    this.urn = `urn:pulumi:dev::test::${token}::${name}`;
  }

  async checked(news: PropertyMap, olds?: PropertyMap): Promise<PropertyMap> {
    const { inputs, failures } = await this.type.check({ urn: this.urn, news, ...(olds ? { olds } : {}) });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }

  async create(news: PropertyMap): Promise<Made> {
    const inputs = await this.checked(news);
    const made = await this.type.create({ ...context, urn: this.urn, inputs, preview: false });
    return { inputs, outputs: made.outputs, id: idOf(made) };
  }

  preview(inputs: PropertyMap): Promise<CreateResult> {
    return this.type.create({ ...context, urn: this.urn, inputs, preview: true });
  }

  async diff(made: Made, news: PropertyMap, ignoreChanges: readonly string[] = []) {
    return this.type.diff({
      urn: this.urn,
      id: made.id,
      oldInputs: made.inputs,
      oldOutputs: made.outputs,
      news: await this.checked(news, made.inputs),
      ignoreChanges,
    });
  }

  async update(made: Made, news: PropertyMap): Promise<Made> {
    const inputs = await this.checked(news, made.inputs);
    const request = { ...context, urn: this.urn, id: made.id, preview: false, inputs };
    const outputs = await this.type.update({ ...request, oldInputs: made.inputs, oldOutputs: made.outputs });
    return { id: made.id, inputs, outputs };
  }

  async refresh(made: Made): Promise<Made | undefined> {
    return this.type.read?.({ ...context, urn: this.urn, ...made });
  }

  delete(made: Made): Promise<void> {
    return this.type.delete({ ...context, urn: this.urn, ...made });
  }
}

export interface Made {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

function idOf(made: CreateResult): string {
  if (made.id === undefined) throw new Error("Nothing was created.");
  return made.id;
}
