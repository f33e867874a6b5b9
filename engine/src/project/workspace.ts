import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import { writeDurably } from "../state/durable-file";
import { Fault, messageOf, systemCode } from "../values/fault";
import type { Project } from "./project";

/** The folder where the CLI keeps what belongs to a user: `PULUMI_HOME`, by default `~/.pulumi`. */
export function pulumiHome(env: NodeJS.ProcessEnv): string {
  return env.PULUMI_HOME !== undefined && env.PULUMI_HOME !== ""
    ? env.PULUMI_HOME
    : path.join(os.homedir(), ".pulumi");
}

/** The backend the user has logged in to with the CLI; `undefined`: none. */
export async function loggedInBackend(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = path.join(pulumiHome(env), "credentials.json");
  const { current } = await readJson(file);
  return typeof current === "string" && current !== "" ? current : undefined;
}

/**
 * Which stack of a project is selected, in the CLI's own file. Newer CLIs remember one a backend (`stacks`, by the
 * URL as they normalise it), older ones only one (`stack`): both are written, so that both find it.
 */
export class WorkspaceSettings {
  private readonly file: string;
  private readonly backend: string;

  /** @param backendUrl `file://FOLDER`, the folder absolute */
  constructor(env: NodeJS.ProcessEnv, project: Project, backendUrl: string) {
    const hash = createHash("sha1").update(project.file).digest("hex");
    this.file = path.join(pulumiHome(env), "workspaces", `${project.name}-${hash}-workspace.json`);
    this.backend = `${backendUrl}?no_tmp_dir=true`;
  }

  /** The selected stack as it was stored: `organization/PROJECT/STACK`, or only the stack's name. */
  async selected(): Promise<string | undefined> {
    const { stack, stacks } = await readJson(this.file);
    const own = isRecord(stacks) ? stacks[this.backend] : undefined;
    const name = own ?? stack;
    return typeof name === "string" && name !== "" ? name : undefined;
  }

  /** Selects a stack, by its qualified name; `undefined`: none. */
  async select(stack: string | undefined): Promise<void> {
    const old = await readJson(this.file);
    const others = Object.entries(old).filter(([name]) => name !== "stack" && name !== "stacks");
    const stacks = { ...(isRecord(old.stacks) ? old.stacks : {}) };
    if (stack === undefined) Reflect.deleteProperty(stacks, this.backend);
    else stacks[this.backend] = stack;
    const settings = {
      ...Object.fromEntries(others),
      ...(stack === undefined ? {} : { stack }),
      ...(Object.keys(stacks).length === 0 ? {} : { stacks }),
    };
    if (Object.keys(settings).length === 0) await rm(this.file, { force: true });
    else await writeDurably(this.file, JSON.stringify(settings, undefined, 4));
  }
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const json: unknown = JSON.parse(await readFile(file, "utf8"));
    return isRecord(json) ? json : {};
  } catch (error) {
    if (systemCode(error) === "ENOENT") return {};
    throw new Fault(`could not read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
