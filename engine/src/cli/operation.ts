import { defaultParallel } from "../deployment/request";
import type { DeploymentOptions, DeploymentRequest, DeploymentSummary } from "../deployment/request";
import type { Display } from "../display/display";
import { storedJsonOf } from "../project/config-tree";
import type { Project } from "../project/project";
import { decryptConfig, withProjectConfig } from "../project/stack-configuration";
import type { ProgramSettings } from "../protocol/program";
import type { StackConfig } from "../project/stack-config";
import type { FileStackStore } from "../state/file-store";
import { ORGANIZATION } from "../state/layout";
import type { UpdateKind } from "../state/store";
import { Fault, messageOf } from "../values/fault";
import { Exit, exitCodes } from "./exit";
import { Interrupts } from "./interrupts";
import type { Launcher } from "./launcher";
import type { SelectedStack, Session } from "./session";

export interface RunOptions {
  readonly deployment: DeploymentOptions;
  readonly diff: boolean;
  readonly json: boolean;
  readonly suppressOutputs: boolean;
  readonly showSames: boolean;
  readonly expectNoChanges: boolean;
}

/** One `preview`, `up`, `refresh` or `destroy` of a stack: its preview, the question, the run itself, the record. */
export class Operation {
  private lastDisplay: Display | undefined;
  private last: DeploymentSummary | undefined;

  private constructor(
    private readonly session: Session,
    private readonly kind: UpdateKind,
    private readonly options: RunOptions,
    private readonly project: Project,
    readonly stack: SelectedStack,
    private readonly store: FileStackStore,
    private readonly config: StackConfig,
    private readonly launcher: Launcher,
  ) {}

  /** Reads and checks everything a run needs: a wrong passphrase or setting ends it here, with nothing touched. */
  static async open(
    session: Session,
    kind: UpdateKind,
    stackOption: string | undefined,
    options: RunOptions,
    launcher: Launcher,
  ): Promise<Operation> {
    const project = await session.project();
    const stack = await session.requireStack(stackOption);
    launcher.open(programOf(project, stack), options.deployment.parallel ?? defaultParallel);
    const unlocking = explained("getting stack configuration: get stack secrets manager", () =>
      session.manager(stack),
    );
    // Loaded while the key is being derived from the passphrase, which takes as long.
    void Promise.all([import("../deployment/run"), import("../providers")]);
    const manager = await unlocking;
    const config = await explained("validating stack config", () =>
      decryptConfig(
        project,
        stack.name.stack,
        stack.file.config(),
        (ciphertext) => manager.decrypt(ciphertext),
        {
          // What is to be deleted needs no configuration: the program does not run.
          validates: kind !== "destroy" && kind !== "refresh",
        },
      ),
    );
    const store = (await session.backend()).store(stack.name, manager, session.secrets);
    const refresh = options.deployment.refresh ?? project.alwaysRefresh;
    const deployment = { ...options.deployment, refresh };
    return new Operation(session, kind, { ...options, deployment }, project, stack, store, config, launcher);
  }

  /** Runs `work` with the stack locked; the lock goes whatever happens. */
  async locked(work: () => Promise<void>): Promise<void> {
    const lock = await this.store.lock();
    try {
      await work();
    } finally {
      await lock.release();
    }
  }

  async preview(): Promise<void> {
    this.finished(await this.deploy(true));
  }

  /** Asks whether to go on; `no` ends the program. */
  async confirm(): Promise<void> {
    const { terminal } = this.session;
    const verb = this.engineKind;
    const note =
      this.kind === "refresh"
        ? "\nNo resources will be modified as part of this refresh; just your stack's state will be.\n"
        : "";
    const question = `Do you want to perform this ${verb}?${note}`;
    const choices = ["yes", "no", ...(this.options.diff ? [] : (["details"] as const))] as const;
    for (;;) {
      const answer = await terminal.choose(question, choices, "no");
      if (answer === "yes") return;
      if (answer === "no") {
        terminal.print(`confirmation declined, not proceeding with the ${verb}`);
        throw new Exit(exitCodes.error);
      }
      const { renderDetails } = await import("../display/display");
      terminal.print(renderDetails(this.lastDisplay?.events ?? [], { color: terminal.color }));
    }
  }

  /** Does it, and adds it to the history, whatever the result. */
  async execute(): Promise<void> {
    const startTime = Date.now() / 1000;
    let summary: DeploymentSummary | undefined;
    try {
      summary = await this.deploy(false);
    } finally {
      await this.store.record({
        kind: this.kind,
        startTime,
        endTime: Date.now() / 1000,
        result: summary?.result === "succeeded" ? "succeeded" : "failed",
        message: this.options.deployment.message ?? "",
        config: this.storedConfig(),
        resourceChanges: summary?.resourceChanges ?? {},
      });
    }
    this.finished(summary);
  }

  /** Ends the program where there were changes although `--expect-no-changes` was given. */
  checkExpectation(): void {
    if (!this.options.expectNoChanges) return;
    const changes = Object.entries(this.last?.resourceChanges ?? {});
    if (changes.some(([op, count]) => op !== "same" && op !== "read" && count > 0)) {
      throw new Exit(
        exitCodes.changes,
        `no changes were expected for ${this.kind} but changes were proposed`,
      );
    }
  }

  private async deploy(dryRun: boolean): Promise<DeploymentSummary> {
    const { terminal } = this.session;
    const { diff, json, suppressOutputs, showSames } = this.options;
    // Only now: every other verb starts in half the time without the engine and its providers.
    const [{ runDeployment }, { createDisplay }] = await Promise.all([
      import("../deployment/run"),
      import("../display/display"),
    ]);
    const display = createDisplay({
      kind: this.engineKind,
      dryRun,
      project: this.project.name,
      stack: this.stack.name.stack,
      diff,
      json,
      suppressOutputs,
      showSames,
      out: terminal.output,
      color: terminal.color,
      interactive: terminal.interactive,
    });
    this.lastDisplay = display;
    // Where plugins run: relative paths of commands mean the project's folder, wherever this was started.
    process.chdir(this.project.directory);
    const interrupts = new Interrupts(dryRun);
    const launched = this.launcher.take();
    try {
      const summary = await runDeployment({ ...this.request(dryRun, display, interrupts), launched });
      display.finish(summary);
      return summary;
    } finally {
      launched?.discard();
      interrupts.stop();
    }
  }

  /** To the engine a preview is an update that is not carried out. */
  private get engineKind(): UpdateKind {
    return this.kind === "preview" ? "update" : this.kind;
  }

  private request(dryRun: boolean, display: Display, interrupts: Interrupts): DeploymentRequest {
    return {
      kind: this.engineKind,
      dryRun,
      store: this.store,
      ...programOf(this.project, this.stack),
      config: this.config,
      options: this.options.deployment,
      sink: (event) => {
        // The program has registered its first resource: from here on it waits more than it works.
        if (event.kind === "resource-pre") this.launcher.launch();
        display.sink(event);
      },
      cancel: interrupts.cancel,
      terminate: interrupts.terminate,
    };
  }

  private finished(summary: DeploymentSummary): void {
    this.last = summary;
    if (summary.result === "canceled") throw new Exit(exitCodes.canceled);
    if (summary.result === "failed") throw new Exit(exitCodes.error);
  }

  private storedConfig(): Readonly<Record<string, string>> {
    const config = withProjectConfig(this.project, this.stack.file.config());
    return Object.fromEntries([...config].map(([key, tree]) => [key, storedJsonOf(tree)]));
  }
}

function programOf(project: Project, { name }: SelectedStack): Omit<ProgramSettings, "dryRun"> {
  return {
    organization: ORGANIZATION,
    project: project.name,
    stack: name.stack,
    programDirectory: project.directory,
    entry: project.main,
    runtimeOptions: project.runtimeOptions,
  };
}

async function explained<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Exit || !(error instanceof Fault)) throw error;
    throw new Fault(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
