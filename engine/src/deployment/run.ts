import { setMaxListeners } from "node:events";
import { messageOf } from "../values/fault";
import { DeploymentContext } from "./context";
import { leftovers } from "./deletes";
import { AlreadyReported, Diagnostics } from "./diagnostics";
import type { DeploymentResult, StepOp } from "./events";
import { StepExecutor } from "./executor";
import { recoverChanges, recoverCreates } from "./pending";
import { Plan } from "./plan";
import { runProgram, type ProgramStarter, type WaitingProgram } from "./program-phase";
import { ProgramRun } from "./program-run";
import { refresh } from "./refresh";
import { defaultParallel, type DeploymentRequest, type DeploymentSummary } from "./request";
import { SecretFilter } from "./secret-filter";
import { SnapshotWriter } from "./snapshot-writer";
import { StepGenerator } from "./step-generator";
import type { Targets } from "./targets";
import { isStackUrn } from "./urn";

/**
 * Runs the program (not for `destroy` and `refresh`) and brings the stack to what it declares.
 *
 * Faults of the program, a provider or a resource are told as diagnostic events and as `result: "failed"`;
 * an exception means that the run could not begin (state unreadable) or its state could not be saved.
 */
export async function runDeployment(
  request: DeploymentRequest,
  start: ProgramStarter = runProgram,
): Promise<DeploymentSummary> {
  const started = performance.now();
  const secrets = new SecretFilter();
  for (const { value, secret } of Object.values(request.config)) if (secret) secrets.learnText(value);
  const diagnostics = new Diagnostics(request.sink, secrets);
  const plugins = request.providers ?? (await import("../providers")).providers;
  const context = new DeploymentContext(request, diagnostics, secrets, plugins, await request.store.load());
  const deployment = new Deployment(context, start);
  request.sink({ kind: "prelude", config: shownConfig(request) });
  let result: DeploymentResult = "failed";
  try {
    result = await deployment.carryOut();
  } finally {
    request.sink({
      kind: "summary",
      isPreview: request.dryRun,
      durationMilliseconds: performance.now() - started,
      resourceChanges: deployment.changes,
      result,
    });
    request.sink({ kind: "cancel" });
  }
  return deployment.summary(result, performance.now() - started);
}

/** One run, from the state it finds to the state it leaves. */
class Deployment {
  readonly changes: Partial<Record<StepOp, number>>;
  private readonly plan: Plan;
  private readonly writer: SnapshotWriter;
  private readonly executor: StepExecutor;
  private readonly program: ProgramRun;
  private readonly parallel: number;

  constructor(
    private readonly context: DeploymentContext,
    private readonly start: ProgramStarter,
  ) {
    const { options, cancel, terminate } = context.request;
    // Every operation under way listens to it.
    setMaxListeners(0, terminate);
    this.parallel = options.parallel ?? defaultParallel;
    this.plan = new Plan(options);
    this.writer = new SnapshotWriter(context);
    this.executor = new StepExecutor(context, this.writer, this.plan.deletes, this.parallel);
    this.changes = this.executor.changes;
    this.program = new ProgramRun(context, new StepGenerator(context, this.plan), this.executor);
    if (cancel.aborted) this.executor.stop();
    else cancel.addEventListener("abort", () => this.executor.stop(), { once: true });
  }

  async carryOut(): Promise<DeploymentResult> {
    const { diagnostics, request } = this.context;
    try {
      await this.phases();
    } catch (error) {
      if (!(error instanceof AlreadyReported)) diagnostics.error(messageOf(error));
      this.executor.stop();
    }
    await this.executor.idle();
    // Also where nothing has changed: the state tells when the stack was last brought up to date.
    if (!request.dryRun && this.executor.fatal === undefined) await this.writer.save();
    // Without a state that can be trusted there is no result to speak of.
    if (this.executor.fatal !== undefined) throw asError(this.executor.fatal);
    const what = request.dryRun ? "preview" : request.kind;
    if (diagnostics.failed || this.executor.failedSteps.length > 0) {
      if (!diagnostics.programFailed || this.executor.failedSteps.length > 0)
        diagnostics.error(`${what} failed`);
      return "failed";
    }
    if (!request.cancel.aborted) return "succeeded";
    diagnostics.error(`${what} canceled`);
    return "canceled";
  }

  summary(result: DeploymentResult, durationMilliseconds: number): DeploymentSummary {
    const { news, olds, base, dryRun } = this.context;
    const stack = [...news.values(), ...olds.values()].find(({ urn }) => isStackUrn(urn));
    return {
      result,
      resourceChanges: this.changes,
      durationMilliseconds,
      outputs: stack?.outputs ?? {},
      resources: dryRun ? base : this.writer.snapshot().resources,
    };
  }

  private async phases(): Promise<void> {
    const { request } = this.context;
    const { kind, options } = request;
    if (!request.dryRun && (await recoverCreates(this.context))) await this.writer.save();
    const refreshes = options.refresh === true || kind === "refresh";
    if (refreshes) await this.refresh();
    else if (await recoverChanges(this.context, false)) await this.writer.save();
    if (kind === "refresh") {
      this.checkExpectation();
      return;
    }
    this.checkTargets(this.plan.replaceTargets);
    await this.finish(kind === "destroy" ? undefined : await this.runProgram());
  }

  /** What a program that has failed had told by then is recorded all the same. */
  private async runProgram(): Promise<WaitingProgram> {
    try {
      return await this.start(this.context, this.program, this.executor, this.parallel);
    } catch (error) {
      await this.executor.idle();
      await this.registerStackOutputs();
      throw error;
    }
  }

  /** What comes after the program: deletions, the Stack's outputs, the program's end. */
  private async finish(program: WaitingProgram | undefined): Promise<void> {
    let failure: unknown;
    try {
      this.checkTargets(this.plan.targets);
      await this.deleteLeftovers();
    } catch (error) {
      if (!(error instanceof AlreadyReported)) this.context.diagnostics.error(messageOf(error));
      failure = error;
    }
    await this.executor.idle();
    await this.registerStackOutputs();
    await program?.end();
    if (failure !== undefined) throw new AlreadyReported();
    this.checkExpectation();
  }

  private async refresh(): Promise<void> {
    const { context, plan } = this;
    this.checkTargets(plan.targets);
    const result = await refresh(context, plan, this.parallel);
    const pending = context.basePending.length;
    await recoverChanges(context, true);
    if (context.request.options.clearPendingCreates === true) context.basePending = [];
    if (result.changed || context.basePending.length !== pending) await this.writer.save();
    if (context.request.kind === "refresh") Object.assign(this.changes, result.changes);
    if (!result.succeeded) throw new AlreadyReported();
  }

  private async deleteLeftovers(): Promise<void> {
    const { sames, deletes } = leftovers(this.context, this.plan);
    await this.executor.run(sames);
    for (const group of deletes) await Promise.all(group.map((step) => this.executor.run([step])));
  }

  /** After a failure, outputs the program did not come to tell are kept, not taken for removed. */
  private async registerStackOutputs(): Promise<void> {
    const told = this.program.stackOutputs;
    if (told === undefined || !this.context.news.has(told.urn)) return;
    const failed = this.executor.stopped.aborted || this.context.diagnostics.failed;
    const old = failed ? (this.context.olds.get(told.urn)?.outputs ?? {}) : {};
    await this.executor.registerOutputs(told.urn, { ...old, ...told.outputs });
  }

  private checkTargets(targets: Targets): void {
    const unknown = targets.named.filter(
      (urn) => !this.plan.registered.has(urn) && !this.context.base.some((state) => state.urn === urn),
    );
    for (const urn of unknown) {
      const hint = urn.includes("$") ? "" : " Did you forget to escape $ in your shell?";
      this.context.diagnostics.error(`Target '${urn}' could not be found in the stack.${hint}`);
    }
    if (unknown.length > 0) throw new AlreadyReported();
  }

  private checkExpectation(): void {
    if (this.context.request.options.expectNoChanges !== true) return;
    const changed = Object.entries(this.changes).some(([op, count]) => !unchanging.includes(op) && count > 0);
    if (changed) {
      const verb = this.context.dryRun ? "proposed" : "made";
      this.context.diagnostics.error(`no changes were expected but changes were ${verb}`);
    }
  }
}

/** Operations that change nothing outside of the state (`HasChanges` in Pulumi's `pkg/engine/update.go`). */
const unchanging: readonly string[] = ["same", "read", "discard", "read-replacement"] satisfies StepOp[];

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(messageOf(thrown)));

const shownConfig = ({ config }: DeploymentRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]),
  );
