import type { Urn } from "../state/resource";
import { annotateSecrets } from "./annotate";
import type { DeploymentContext } from "./context";
import { AlreadyReported } from "./diagnostics";
import { diffResource, processIgnoreChanges } from "./diffing";
import type { Goal, ReadGoal, RegistrationDone } from "./goal";
import { stateOfGoal, stateOfRead } from "./goal-state";
import type { Plan } from "./plan";
import type { State } from "./state";
import type { Step } from "./step";
import { refuseSkippedDependencies, isTargeted, untargetedSteps } from "./targeting";
import { stepsFromDiff } from "./diff-steps";
import { isProviderType, makeUrn, stackType } from "./urn";
import { revealAll, type PropertyMap } from "../values/value";

/**
 * Decides what is to be done about each resource the program registers.
 * Source: `pkg/resource/deploy/step_generator.go` of Pulumi, in its order of decisions. Calls must not overlap.
 */
export class StepGenerator {
  constructor(
    private readonly context: DeploymentContext,
    private readonly plan: Plan,
  ) {}

  /** The steps for a registration, to be carried out in order. */
  async register(goal: Goal, done: RegistrationDone): Promise<Step[]> {
    const urn = this.claimUrn(goal.parent, goal.type, goal.name);
    const { old, alias } = this.findOld(urn, goal.aliases);
    const state = stateOfGoal(goal, urn, old, alias);
    const steps = await this.stepsFor(goal, state, old, done);
    refuseSkippedDependencies(this.context, this.plan, steps);
    return steps;
  }

  /** The steps for a resource that is only read. */
  read(goal: ReadGoal, done: RegistrationDone): Step[] {
    const urn = this.claimUrn(goal.parent, goal.type, goal.name);
    const { old } = this.findOld(urn, []);
    const state = stateOfRead(goal, urn);
    if (old !== undefined && old.external !== true && old.id !== goal.id) {
      this.plan.replaces.add(urn);
      return [
        { op: "read-replacement", urn, old, new: state, logical: false, done },
        { op: "replace", urn, old, new: state, logical: true },
      ];
    }
    this.plan.reads.add(urn);
    return [{ op: "read", urn, old, new: state, logical: true, done }];
  }

  private async stepsFor(
    goal: Goal,
    state: State,
    old: State | undefined,
    done: RegistrationDone,
  ): Promise<Step[]> {
    const { urn } = state;
    const recreating = old !== undefined && this.plan.deletes.has(urn);
    const wasExternal = old?.external === true;
    const targeted = isProviderType(state.type) || state.type === stackType || isTargeted(this.plan, state);
    // What has been deleted for another one's sake is created again, target or not.
    if (!targeted && !recreating) {
      if (old !== undefined) return untargetedSteps(this.context, this.plan, old, done);
      this.plan.sames.add(urn);
      this.plan.skippedCreates.add(urn);
      return [{ op: "same", urn, new: state, logical: true, done, skippedCreate: true }];
    }
    const fresh = recreating || wasExternal || old === undefined || this.plan.isTargetedReplace(urn);
    if (old !== undefined) {
      state.inputs = processIgnoreChanges(this.context, urn, state.inputs, old.inputs, goal.ignoreChanges);
    }
    if (state.custom && !targeted) {
      state.inputs = old?.inputs ?? {};
    } else if (state.custom) {
      const news = fresh ? goal.properties : state.inputs;
      state.inputs = await this.check(state, fresh ? undefined : old.inputs, news);
    }
    if (recreating) {
      this.plan.deletes.delete(urn);
      this.plan.replaces.add(urn);
      const keys = this.plan.dependentReplaceKeys.get(urn);
      return [
        { op: "replace", urn, old, new: state, keys: [], logical: true },
        { op: "create-replacement", urn, old, new: state, keys, logical: false, done },
      ];
    }
    if (wasExternal) {
      this.plan.creates.add(urn);
      return [
        { op: "create-replacement", urn, old, new: state, logical: false, done, leavesOld: true },
        { op: "replace", urn, old, new: state, logical: true },
      ];
    }
    if (this.plan.targets.constrained && isTargeted(this.plan, state)) this.plan.targetsActual.add(urn);
    if (old === undefined) {
      this.plan.creates.add(urn);
      return [{ op: "create", urn, new: state, logical: true, done }];
    }
    const diff = await diffResource(this.context, this.plan, old, state);
    const recheck = () => this.check(state, undefined, goal.properties);
    return stepsFromDiff(this.context, this.plan, { old, state, diff, done, goal, recheck });
  }

  /** The inputs as the provider wants them; a fault in them is told, all of them at once, and ends the run. */
  private async check(state: State, olds: PropertyMap | undefined, news: PropertyMap): Promise<PropertyMap> {
    const type = this.context.providers.resourceType(state);
    const { inputs, failures } = await type.check({
      urn: state.urn,
      news: revealAll(news),
      ...(olds === undefined ? {} : { olds: revealAll(olds) }),
    });
    if (failures.length === 0) return annotateSecrets(inputs, news, type);
    const name = state.urn.slice(state.urn.lastIndexOf("::") + 2);
    for (const { property, reason } of failures) {
      const where = property === "" ? "" : `: property ${property}`;
      this.context.diagnostics.error(
        `${state.type} resource '${name}'${where} has a problem: ${reason}`,
        state.urn,
      );
    }
    throw new AlreadyReported();
  }

  private claimUrn(parent: Urn | undefined, type: string, name: string): Urn {
    const { registered } = this.plan;
    if (parent !== undefined && !registered.has(parent)) {
      throw new Error(`could not find parent resource ${parent}`);
    }
    const { stack, project } = this.context.request;
    const urn = makeUrn(stack, project, parent, type, name);
    if (registered.has(urn)) {
      this.context.diagnostics.error(`Duplicate resource URN '${urn}'; try giving it a unique name`, urn);
      throw new AlreadyReported();
    }
    registered.add(urn);
    return urn;
  }

  /** The resource as the last run left it, under this URN or one of its aliases. */
  private findOld(urn: Urn, aliases: readonly Urn[]): { old?: State; alias?: Urn } {
    const { diagnostics, olds } = this.context;
    const { aliased, registered } = this.plan;
    const taken = aliased.get(urn);
    if (taken !== undefined) {
      diagnostics.error(
        `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${taken}'`,
        urn,
      );
      throw new AlreadyReported();
    }
    for (const candidate of [urn, ...aliases]) {
      const old = olds.get(candidate);
      if (old === undefined) continue;
      if (candidate === urn) return { old };
      const other = registered.has(candidate) ? candidate : aliased.get(candidate);
      if (other !== undefined) {
        diagnostics.error(
          `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' ` +
            `conflicting with resource with URN '${other}'`,
          urn,
        );
        throw new AlreadyReported();
      }
      aliased.set(candidate, urn);
      return { old, alias: candidate };
    }
    return {};
  }
}
