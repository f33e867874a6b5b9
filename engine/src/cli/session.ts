import { ORGANIZATION, qualifiedName } from "../state/layout";
import { backendFolder } from "../state/backend-url";
import { FileBackend, type StackName } from "../state/file-backend";
import { PassphraseSecrets, type SecretsManager } from "../secrets/passphrase";
import { loadProject, type Project } from "../project/project";
import { StackFile } from "../project/stack-file";
import { loggedInBackend, WorkspaceSettings } from "../project/workspace";
import { pulumi } from "../values/command-line";
import { Fault } from "../values/fault";
import { Exit, exitCodes, stackNotFound } from "./exit";
import { passphraseSource } from "./passphrase-prompt";
import type { Terminal } from "./terminal";

/** The stack a command works on, with all that belongs to it. */
export interface SelectedStack {
  readonly name: StackName;
  readonly file: StackFile;
}

/** What every command needs: the project, its backend, the selected stack and the secrets. Opened when first used. */
export class Session {
  readonly secrets: PassphraseSecrets;
  private openedProject: Promise<Project> | undefined;
  private openedBackend: Promise<FileBackend> | undefined;

  /** @param cwd where the command was started, or what `-C` says */
  constructor(
    readonly cwd: string,
    readonly env: NodeJS.ProcessEnv,
    readonly terminal: Terminal,
  ) {
    this.secrets = new PassphraseSecrets(passphraseSource(env, cwd, terminal));
  }

  project(): Promise<Project> {
    this.openedProject ??= loadProject(this.cwd);
    return this.openedProject;
  }

  backend(): Promise<FileBackend> {
    this.openedBackend ??= this.openBackend();
    return this.openedBackend;
  }

  async settings(): Promise<WorkspaceSettings> {
    return new WorkspaceSettings(this.env, await this.project(), (await this.backend()).url);
  }

  /** Parses `STACK`, `organization/STACK` or `organization/PROJECT/STACK`. */
  async parseName(text: string): Promise<StackName> {
    const parts = text.split("/");
    const stack = parts.at(-1) ?? "";
    if (parts.length > 3) throw new Fault(`stack name "${text}" has too many parts`);
    if (parts.length > 1 && parts[0] !== ORGANIZATION)
      throw new Fault("organization name must be 'organization'");
    if (stack === "") throw new Fault("a stack name may not be empty");
    if (stack.length > 100) throw new Fault("a stack name cannot exceed 100 characters");
    if (!/^[A-Za-z0-9_.-]+$/.test(stack) || stack === "." || stack === "..") {
      throw new Fault(
        `stack name "${stack}": a stack name may only contain alphanumeric, hyphens, underscores, or periods`,
      );
    }
    const { name } = await this.project();
    const [, project] = parts.length === 3 ? parts : [];
    if (project !== undefined && project !== name) {
      throw new Fault(
        `provided project name "${project}" doesn't match Pulumi.yaml ("${name}"); run this in the project's folder`,
      );
    }
    return { project: name, stack };
  }

  /** The stack that is selected: by PULUMI_STACK, or by `stack select`; `undefined`: none, or it is gone. */
  async currentStack(): Promise<StackName | undefined> {
    const text = this.env.PULUMI_STACK ?? (await (await this.settings()).selected());
    if (text === undefined || text === "") return undefined;
    // One that was selected in another project or backend is none of ours.
    const name = await this.parseName(text).catch(() => undefined);
    if (name === undefined || !(await (await this.backend()).exists(name))) return undefined;
    return name;
  }

  /** The stack named by `--stack`, else the selected one. */
  async requireStack(option: string | undefined): Promise<SelectedStack> {
    const name =
      option === undefined || option === "" ? await this.requireCurrent() : await this.requireNamed(option);
    return { name, file: await StackFile.load(await this.project(), name.stack) };
  }

  /**
   * The secrets manager of a stack. Where Pulumi.STACK.yaml has lost its salt, the one of the state is taken; where
   * there is none at all, a new one. Either is then saved. Fails with "incorrect passphrase".
   */
  async manager({ name, file }: SelectedStack): Promise<SecretsManager> {
    const salt = file.salt();
    if (salt !== undefined) return this.secrets.open(salt);
    const backend = await this.backend();
    const known = (await backend.exists(name)) ? (await backend.deployment(name))?.salt : undefined;
    const manager = known === undefined ? await this.secrets.create() : await this.secrets.open(known);
    file.setSalt(manager.salt);
    await file.save();
    return manager;
  }

  private async requireCurrent(): Promise<StackName> {
    const current = await this.currentStack();
    if (current !== undefined) return current;
    throw new Exit(
      exitCodes.error,
      `no stack selected; please use \`${pulumi("stack select")}\` or \`${pulumi("stack init")}\` to choose one`,
    );
  }

  private async requireNamed(text: string): Promise<StackName> {
    const name = await this.parseName(text);
    if (await (await this.backend()).exists(name)) return name;
    throw stackNotFound(text);
  }

  private async openBackend(): Promise<FileBackend> {
    const [url, source] = await this.backendUrl();
    return FileBackend.open(backendFolder(url, source, this.cwd), (line) => this.terminal.note(line));
  }

  private async backendUrl(): Promise<[url: string, source: string]> {
    const { PULUMI_BACKEND_URL: fromEnvironment } = this.env;
    if (fromEnvironment !== undefined && fromEnvironment !== "")
      return [fromEnvironment, "PULUMI_BACKEND_URL"];
    const { backendUrl, file } = await this.project();
    if (backendUrl !== undefined) return [backendUrl, file];
    const loggedIn = await loggedInBackend(this.env);
    if (loggedIn !== undefined) return [loggedIn, "from `pulumi login`"];
    throw new Fault(
      "no backend is chosen; set PULUMI_BACKEND_URL=file://FOLDER, or `backend: {url: file://FOLDER}` in Pulumi.yaml",
    );
  }
}

/** A stack's name as people see it in its own project. */
export const shortName = ({ stack }: StackName): string => stack;
export const longName = ({ project, stack }: StackName): string => qualifiedName(project, stack);
