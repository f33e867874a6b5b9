import type { PendingOperation, Snapshot, Urn } from "../state/resource";
import { DependencyGraph } from "./dependency-graph";
import type { Diagnostics } from "./diagnostics";
import { ProviderRegistry } from "./provider-registry";
import type { DeploymentRequest } from "./request";
import type { SecretFilter } from "./secret-filter";
import type { State } from "./state";
import type { Provider } from "../providers/provider";

/** What the parts of one run share: the state it started from, what it has found out, where messages go. */
export class DeploymentContext {
  /** The resources the run started from, dependencies first; a refresh replaces the list. */
  base: readonly State[] = [];
  /** Those of `base` that are not on their way out, by URN. */
  readonly olds = new Map<Urn, State>();
  graph = new DependencyGraph([]);
  /** What this run has registered, created or left alone. */
  readonly news = new Map<Urn, State>();
  /** What this run has read without managing it. */
  readonly reads = new Map<Urn, State>();
  readonly providers: ProviderRegistry;
  /** What was under way when the last run was interrupted. */
  basePending: readonly PendingOperation[];

  constructor(
    readonly request: DeploymentRequest,
    readonly diagnostics: Diagnostics,
    readonly secrets: SecretFilter,
    plugins: Readonly<Record<string, Provider>>,
    snapshot: Snapshot,
  ) {
    this.providers = new ProviderRegistry(plugins, this.olds, diagnostics);
    this.basePending = snapshot.pendingOperations;
    this.rebase(snapshot.resources.map((state) => ({ ...state })));
    for (const state of snapshot.resources) {
      secrets.learn(state.inputs);
      secrets.learn(state.outputs);
    }
  }

  get dryRun(): boolean {
    return this.request.dryRun;
  }

  /** Goes on from these resources. */
  rebase(resources: readonly State[]): void {
    this.base = resources;
    this.graph = new DependencyGraph(resources);
    this.olds.clear();
    for (const state of resources) if (state.delete !== true) this.olds.set(state.urn, state);
  }
}
