import type { EngineEvent, StepOp } from "../../src/deployment/events";
import type { Goal, Registered } from "../../src/deployment/goal";
import type { ProgramStarter } from "../../src/deployment/program-phase";
import { AlreadyReported } from "../../src/deployment/diagnostics";
import type { DeploymentRequest, DeploymentSummary } from "../../src/deployment/request";
import { runDeployment } from "../../src/deployment/run";
import type { Registrar } from "../../src/protocol/registrar";
import type { PropertyMap } from "../../src/values/value";
import { MemoryStore } from "./memory-store";
import { World } from "./test-provider";

/** What a test's program calls; a thing's `dependsOn` and the `from` of its inputs are wired as the SDK does. */
export interface TestProgram {
  thing: (name: string, inputs?: PropertyMap, options?: ThingOptions) => Promise<Registered>;
  component: (name: string) => Promise<Registered>;
  outputs: (outputs: PropertyMap) => Promise<void>;
  readonly registrar: Registrar;
}

export interface ThingOptions extends Partial<
  Omit<Goal, "type" | "name" | "custom" | "properties" | "propertyDependencies">
> {
  /** Per input, the resource its value comes from. */
  readonly from?: Readonly<Record<string, Registered>>;
}

export interface Outcome {
  readonly summary: DeploymentSummary;
  readonly events: readonly EngineEvent[];
  readonly errors: readonly string[];
  /** The logical steps: `create a`, `replace b`. */
  readonly steps: readonly string[];
}

/** A stack of things, run by run. */
export class Harness {
  readonly world = new World();
  readonly store = new MemoryStore();
  cancel = new AbortController();
  terminate = new AbortController();

  async run(
    program: (program: TestProgram) => Promise<void>,
    overrides: Partial<DeploymentRequest> = {},
  ): Promise<Outcome> {
    const events: EngineEvent[] = [];
    const request = this.request({ sink: (event) => events.push(event), ...overrides });
    const summary = await runDeployment(request, starter(program));
    return { summary, events, errors: errorsOf(events), steps: stepsOf(events) };
  }

  request(overrides: Partial<DeploymentRequest> = {}): DeploymentRequest {
    return {
      kind: "update",
      dryRun: false,
      store: this.store,
      project: "project",
      stack: "dev",
      organization: "organization",
      programDirectory: "/nowhere",
      entry: ".",
      runtimeOptions: {},
      config: {},
      options: {},
      sink: () => undefined,
      cancel: this.cancel.signal,
      terminate: this.terminate.signal,
      providers: { test: this.world.provider },
      ...overrides,
    };
  }

  preview(program: (program: TestProgram) => Promise<void>, overrides: Partial<DeploymentRequest> = {}) {
    return this.run(program, { dryRun: true, ...overrides });
  }

  destroy(overrides: Partial<DeploymentRequest> = {}) {
    return this.run(() => Promise.resolve(), { kind: "destroy", ...overrides });
  }

  /** The names of what the state holds. */
  get names(): string[] {
    return this.store.current.resources.map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
  }
}

export const urnOf = (name: string): string => `urn:pulumi:dev::project::test:index:Thing::${name}`;

/** Starts `program` in place of a Node process. */
export function starter(program: (program: TestProgram) => Promise<void>): ProgramStarter {
  return async (_context, run, executor) => {
    const finished = bind(run)
      .then((bound) => program(bound))
      .catch((error: unknown) => run.fail(error));
    const stopped = new Promise<void>((resolve) => {
      executor.stopped.addEventListener("abort", () => resolve());
    });
    await Promise.race([finished, stopped]);
    await run.settled();
    if (executor.stopped.aborted) throw new AlreadyReported();
    return { end: () => Promise.resolve() };
  };
}

async function bind(registrar: Registrar): Promise<TestProgram> {
  const bare = {
    custom: false,
    properties: {},
    dependencies: [],
    propertyDependencies: {},
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    replaceOnChanges: [],
  } satisfies Partial<Goal>;
  const stack = await registrar.register({ ...bare, type: "pulumi:pulumi:Stack", name: "project-dev" });
  const parent = stack.urn;
  return {
    registrar,
    async thing(name, inputs = {}, { from = {}, ...options } = {}) {
      const provider = options.provider ?? (await registrar.defaultProvider("test", "1.0.0"));
      const sources = Object.entries(from);
      return registrar.register({
        ...bare,
        type: "test:index:Thing",
        name,
        custom: true,
        properties: inputs,
        parent,
        provider,
        ...options,
        dependencies: [...(options.dependencies ?? []), ...sources.map(([, { urn }]) => urn)],
        propertyDependencies: Object.fromEntries(
          Object.keys(inputs).map((input) => [input, from[input] === undefined ? [] : [from[input].urn]]),
        ),
      });
    },
    component: (name) => registrar.register({ ...bare, type: "test:index:Group", name, parent }),
    outputs: (outputs) => registrar.registerOutputs(stack.urn, outputs),
  };
}

const errorsOf = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) =>
    event.kind === "diagnostic" && event.severity === "error" ? [event.message] : [],
  );

const uninteresting: readonly StepOp[] = ["same"];

const stepsOf = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.kind !== "resource-pre" || !event.metadata.logical) return [];
    const { op, urn } = event.metadata;
    return uninteresting.includes(op) || urn.includes("pulumi:pulumi:Stack")
      ? []
      : [`${op} ${urn.slice(urn.lastIndexOf("::") + 2)}`];
  });
