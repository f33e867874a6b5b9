import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseDocument } from "yaml";

import { Fault, systemCode } from "../values/fault";
import { readDeclarations, type ConfigDeclaration } from "./config-schema";
import { treeOf, type ConfigMap, type ConfigTree } from "./config-tree";

/** Pulumi.yaml, as far as the engine uses it. */
export interface Project {
  /** Absolute path of Pulumi.yaml, links not followed: the CLI names the workspace's settings by it. */
  readonly file: string;
  readonly directory: string;
  readonly name: string;
  readonly runtimeOptions: { readonly typescript?: boolean; readonly nodeargs?: string };
  /** The program's file or folder, relative to `directory`; `.` by default. */
  readonly main: string;
  readonly description?: string;
  /** The configuration's schema, defaults and fixed values, by the key as it stands in the file. */
  readonly config: ReadonlyMap<string, ConfigDeclaration>;
  /** Where Pulumi.STACK.yaml lies, relative to `directory`; `.` by default. */
  readonly stackConfigDir: string;
  readonly backendUrl?: string;
  /** `options.refresh: always`: every run reads the resources from their providers first. */
  readonly alwaysRefresh: boolean;
}

const FILE_NAMES = ["Pulumi.yaml", "Pulumi.yml"];

/** Finds and reads the project that `directory` belongs to. Every fault is told at once. */
export async function loadProject(directory: string): Promise<Project> {
  const file = await findProject(directory);
  const document = parseDocument(await readFile(file, "utf8"), { intAsBigInt: true, merge: true });
  if (document.errors.length > 0) {
    throw new Fault(`${file}: ${document.errors.map(({ message }) => message).join("\n")}`);
  }
  const content = treeOf(document.toJS({ mapAsMap: true }));
  if (!(content instanceof Map)) throw new Fault(`${file}: project is missing a 'name' attribute`);
  return readProject(file, content);
}

async function findProject(directory: string): Promise<string> {
  for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
    for (const name of FILE_NAMES) {
      const file = path.join(folder, name);
      if (await isFile(file)) return file;
    }
    if (folder === path.dirname(folder)) {
      throw new Fault(
        `no Pulumi.yaml project file found (searching upwards from ${path.resolve(directory)})`,
      );
    }
  }
}

function readProject(file: string, content: ConfigMap): Project {
  const faults: string[] = [];
  const name = content.get("name");
  if (typeof name !== "string" || name === "") faults.push("project is missing a 'name' attribute");
  else if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) {
    faults.push(
      `project name "${name}" may only contain alphanumerics, hyphens, underscores, and periods, at most 100`,
    );
  }
  const runtimeOptions = readRuntime(content.get("runtime"), faults);
  const projectName = typeof name === "string" ? name : "";
  const configText = content.get("config");
  const config = readDeclarations(
    typeof configText === "string" ? null : (configText ?? null),
    projectName,
    faults,
  );
  for (const key of ["packages", "plugins"]) {
    if (content.has(key)) faults.push(`"${key}" is not in the embedded engine; install Pulumi`);
  }
  const options = content.get("options");
  const description = content.get("description");
  const backendUrl = textAt(content.get("backend"), "url");
  if (faults.length > 0) throw new Fault(faults.map((fault) => `${file}: ${fault}`).join("\n"));
  return {
    file,
    directory: path.dirname(file),
    name: projectName,
    runtimeOptions,
    main: textAt(content, "main") ?? ".",
    ...(typeof description === "string" ? { description } : {}),
    config,
    // An old form: `config: FOLDER`.
    stackConfigDir: textAt(content, "stackConfigDir") ?? (typeof configText === "string" ? configText : "."),
    ...(backendUrl === undefined ? {} : { backendUrl }),
    alwaysRefresh: textAt(options, "refresh") === "always",
  };
}

function readRuntime(runtime: ConfigTree | undefined, faults: string[]): Project["runtimeOptions"] {
  const name = runtime instanceof Map ? runtime.get("name") : runtime;
  if (name === undefined || name === null || name === "")
    faults.push("project is missing a 'runtime' attribute");
  else if (name !== "nodejs") {
    faults.push(
      `runtime ${JSON.stringify(name)} is not in the embedded engine (it takes: nodejs); install Pulumi`,
    );
  }
  const options = runtime instanceof Map ? runtime.get("options") : undefined;
  if (!(options instanceof Map)) return {};
  const typescript = options.get("typescript");
  const nodeargs = options.get("nodeargs");
  return {
    ...(typeof typescript === "boolean" ? { typescript } : {}),
    ...(typeof nodeargs === "string" ? { nodeargs } : {}),
  };
}

function textAt(tree: ConfigTree | undefined, key: string): string | undefined {
  const value = tree instanceof Map ? tree.get(key) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (["ENOENT", "EACCES", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}
