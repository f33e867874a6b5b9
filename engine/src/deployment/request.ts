import { availableParallelism } from "node:os";
import type { LaunchedProgram, ProgramSettings } from "../protocol/program";
import type { StackConfig } from "../project/stack-config";
import type { StackStore, UpdateKind } from "../state/store";
import type { ResourceState, Urn } from "../state/resource";
import type { PropertyMap } from "../values/value";
import type { Provider } from "../providers/provider";
import type { DeploymentResult, EventSink, ResourceChanges } from "./events";

/** Everything one run needs to know. The caller holds the stack's lock and records the run in the history. */
export interface DeploymentRequest extends ProgramSettings {
  /** What is asked for. `preview` is the same as `update` with `dryRun`. */
  readonly kind: UpdateKind;
  /** Only tell what would be done: nothing is created, changed, deleted or saved. */
  readonly dryRun: boolean;
  readonly store: StackStore;
  /** The process to run the program in; by default one is started when it is needed. */
  readonly launched?: LaunchedProgram | undefined;
  readonly config: StackConfig;
  readonly options: DeploymentOptions;
  readonly sink: EventSink;
  /** The first Ctrl-C: what runs is finished, nothing new is started. */
  readonly cancel: AbortSignal;
  /** The second Ctrl-C: what runs is ended. */
  readonly terminate: AbortSignal;
  /** The plugins by name; by default the engine's own closed list (`providers/index.ts`). */
  readonly providers?: Readonly<Record<string, Provider>>;
}

/** As many operations at once as the CLI allows by default. */
export const defaultParallel = 4 * availableParallelism();

/** Options of the nodejs runtime (`sdk/nodejs/cmd/pulumi-language-nodejs`). */
export interface RuntimeOptions {
  /** Load TypeScript through the SDK's ts-node; on by default. */
  readonly typescript?: boolean;
  /** Arguments of `node` itself, as one text. */
  readonly nodeargs?: string;
}

export interface DeploymentOptions {
  /** How many operations run at once; default 4 × CPU cores, as the CLI has it. */
  readonly parallel?: number;
  /** Read every resource from its provider first. */
  readonly refresh?: boolean;
  /** Only these resources (URNs, `*` and `**` allowed) change; empty: all. */
  readonly targets?: readonly Urn[];
  /** Targets and everything that depends on them. */
  readonly targetDependents?: boolean;
  /** These resources are replaced even though nothing about them changed. */
  readonly replaces?: readonly Urn[];
  /** Forgets what was interrupted while it was being created (`refresh --clear-pending-creates`). */
  readonly clearPendingCreates?: boolean;
  readonly message?: string;
  /** A change of any resource is an error. */
  readonly expectNoChanges?: boolean;
}

export interface DeploymentSummary {
  readonly result: DeploymentResult;
  readonly resourceChanges: ResourceChanges;
  readonly durationMilliseconds: number;
  /** The stack's outputs after the run; in a preview what is known of them. */
  readonly outputs: PropertyMap;
  /** The resources after the run; in a preview as the run found them. */
  readonly resources: readonly ResourceState[];
}
