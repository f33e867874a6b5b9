import type { Urn } from "../state/resource";
import type { State } from "./state";
import { Targets } from "./targets";
import type { DeploymentOptions } from "./request";

/** What the planner has decided so far, by URN. */
export class Plan {
  readonly registered = new Set<Urn>();
  readonly reads = new Set<Urn>();
  readonly creates = new Set<Urn>();
  readonly sames = new Set<Urn>();
  readonly updates = new Set<Urn>();
  readonly replaces = new Set<Urn>();
  readonly deletes = new Set<Urn>();
  /** Resources that are not created because they are not among the targets. */
  readonly skippedCreates = new Set<Urn>();
  /** Old resources whose deletion is part of another one's replacement. */
  readonly condemned = new Set<State>();
  /** Why a resource that was deleted for another one's sake is replaced. */
  readonly dependentReplaceKeys = new Map<Urn, readonly string[]>();
  /** Old URN to the resource that has taken it over as an alias. */
  readonly aliased = new Map<Urn, Urn>();
  readonly targets: Targets;
  readonly replaceTargets: Targets;
  /** The targets and, with `targetDependents`, what turned out to depend on them. */
  readonly targetsActual: Targets;

  constructor(readonly options: DeploymentOptions) {
    this.targets = new Targets(options.targets);
    this.replaceTargets = new Targets(options.replaces);
    this.targetsActual = new Targets(options.targets);
  }

  /** True for a URN this run has done or will do something about. */
  isOperatedOn(urn: Urn): boolean {
    return (
      this.sames.has(urn) ||
      this.creates.has(urn) ||
      this.updates.has(urn) ||
      this.reads.has(urn) ||
      this.replaces.has(urn) ||
      this.deletes.has(urn) ||
      this.aliased.has(urn)
    );
  }

  /** URNs that have been registered already, so that they cannot depend on what comes now. */
  processed(): Set<Urn> {
    return new Set([
      ...this.reads,
      ...this.creates,
      ...this.sames,
      ...this.updates,
      ...this.deletes,
      ...this.replaces,
    ]);
  }

  isTargetedReplace(urn: Urn): boolean {
    return this.replaceTargets.containsExplicitly(urn);
  }
}
