import { applyStep, type Outcome } from "./apply";
import type { DeploymentContext } from "./context";
import type { StepOp } from "./events";
import type { SnapshotWriter } from "./snapshot-writer";
import { sameProperties } from "./equality";
import type { PropertyMap } from "../values/value";
import { metadataOf, resourceOf, type Step } from "./step";
import { isDefaultProvider } from "./urn";

/**
 * Carries out chains of steps, each chain in order, several chains at once, and tells what happens.
 * After a failure nothing new is started; what is under way is finished and recorded.
 * Source: `pkg/resource/deploy/step_executor.go` and `pkg/engine/update.go` of Pulumi.
 */
export class StepExecutor {
  readonly changes: Partial<Record<StepOp, number>> = {};
  /** Steps that failed; what others need of them must stay as it is. */
  readonly failedSteps: Step[] = [];
  /** Components and the Stack, waiting for their outputs. */
  private readonly awaitingOutputs = new Map<string, Step>();
  private readonly running = new Set<Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private readonly stopping = new AbortController();
  /** Set where the state could not be saved: the run must end with it. */
  fatal: unknown;

  constructor(
    private readonly context: DeploymentContext,
    private readonly writer: SnapshotWriter,
    /** URNs that are deleted in this run: what is deleted with one of them needs no deletion of its own. */
    private readonly deletions: ReadonlySet<string>,
    parallel: number,
  ) {
    this.free = Math.max(1, parallel);
  }

  /** Aborted as soon as nothing new is started any more. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  /** Starts nothing new from now on. */
  stop(): void {
    this.stopping.abort();
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Carries out `chain`; resolves when it has ended, whichever way. */
  run(chain: readonly Step[]): Promise<void> {
    const work = this.runChain(chain).catch((error: unknown) => {
      this.fatal ??= error;
      this.stop();
    });
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
    return work;
  }

  /** Resolves when no chain is under way. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  /** The registered outputs of a component, or of the Stack at the very end. */
  async registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    const step = this.awaitingOutputs.get(urn);
    if (step?.new === undefined) {
      throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    }
    this.awaitingOutputs.delete(urn);
    if (step.skippedCreate === true) return;
    const before = this.context.olds.get(urn)?.outputs;
    step.new.outputs = outputs;
    this.context.secrets.learn(outputs);
    this.tell("resource-outputs", step, step.op);
    await this.writer.outputsChanged(before, outputs);
  }

  private async runChain(chain: readonly Step[]): Promise<void> {
    await this.acquire();
    try {
      for (const step of chain) {
        if (this.stopped.aborted) return;
        if (!(await this.runStep(step))) return;
      }
    } finally {
      this.release();
    }
  }

  private async runStep(step: Step): Promise<boolean> {
    this.tell("resource-pre", step, step.op);
    const faults = this.writer.faultsAfter(step);
    if (faults.length > 0) {
      this.report(step, { status: "failed", message: refusal(faults) });
      return this.failed(step);
    }
    await this.writer.begin(step);
    const outcome = await applyStep(step, this.context, this.deletions);
    // Ended by force: the operation stays on record as pending, for nobody knows what became of it.
    if (this.context.request.terminate.aborted && outcome.status !== "succeeded") return false;
    this.report(step, outcome);
    await this.writer.end(step, outcome.status !== "failed");
    if (outcome.status !== "succeeded") return this.failed(step);
    if (step.done !== undefined) {
      const { urn, id, outputs } = resourceOf(step);
      step.done({ urn, ...(id === undefined ? {} : { id }), outputs, skipped: step.skippedCreate === true });
    }
    return true;
  }

  private failed(step: Step): false {
    this.failedSteps.push(step);
    this.stop();
    return false;
  }

  private report(step: Step, outcome: Outcome): void {
    if (outcome.status !== "succeeded") {
      const { diagnostics, dryRun } = this.context;
      const urn = isDefaultProvider(step.urn) ? undefined : step.urn;
      diagnostics.error(dryRun ? `Preview failed: ${outcome.message}` : outcome.message, urn);
      if (urn !== undefined) {
        this.context.request.sink({ kind: "resource-failed", metadata: metadataOf(step) });
      }
      return;
    }
    if (step.logical && step.new !== undefined) this.awaitingOutputs.set(step.urn, step);
    if (isInternal(step)) return;
    if (isCounted(step)) this.changes[step.op] = (this.changes[step.op] ?? 0) + 1;
    // What a component has now is from an earlier run; its outputs come when it registers them.
    if (this.context.dryRun || resourceOf(step).custom || step.op === "delete") {
      this.tell("resource-outputs", step, step.op);
    }
  }

  private tell(kind: "resource-pre" | "resource-outputs", step: Step, op: StepOp): void {
    if (isInternal(step)) return;
    const metadata = metadataOf(step, op);
    this.context.request.sink({ kind, metadata, planning: this.context.dryRun });
  }

  private async acquire(): Promise<void> {
    while (this.free === 0 && !this.stopped.aborted) {
      await new Promise<void>((wake) => this.waiting.push(wake));
    }
    this.free -= 1;
  }

  private release(): void {
    this.free += 1;
    this.waiting.shift()?.();
  }
}

const refusal = (faults: readonly string[]): string =>
  "not deleted, for the state would be invalid without it. This is a fault of the embedded engine:\n" +
  faults.map((fault) => `  ${fault}`).join("\n");

const isInternal = (step: Step): boolean =>
  step.op === "remove-pending-replace" || isDefaultProvider(step.urn);

/** A read that found what was known already does not count as a change. */
function isCounted({ op, logical, old, new: state }: Step): boolean {
  if (op !== "read") return logical;
  return old !== undefined && state !== undefined && !sameProperties(old.outputs, state.outputs);
}
