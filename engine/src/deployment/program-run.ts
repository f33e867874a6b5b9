import type { Registrar, Invocation } from "../protocol/registrar";
import type { InvokeResult } from "../providers/provider";
import type { Urn } from "../state/resource";
import { Fault, messageOf } from "../values/fault";
import { revealAll, type PropertyMap } from "../values/value";
import type { DeploymentContext } from "./context";
import { DefaultProviders } from "./default-providers";
import { deferred } from "./deferred";
import { AlreadyReported } from "./diagnostics";
import type { Severity } from "./events";
import type { StepExecutor } from "./executor";
import type { Goal, ReadGoal, Registered, RegistrationDone } from "./goal";
import type { Step } from "./step";
import type { StepGenerator } from "./step-generator";
import { isProviderType, isStackUrn, packageOfProviderType, packageOfToken } from "./urn";

const getResource = "pulumi:pulumi:getResource";

/** Answers what a program asks for: plans each registration in its turn and has its steps carried out. */
export class ProgramRun implements Registrar {
  /** Outputs of the Stack: held back until the whole run has succeeded, or a failed one would wipe them. */
  stackOutputs: { readonly urn: Urn; readonly outputs: PropertyMap } | undefined;
  private planning: Promise<void> = Promise.resolve();
  private readonly defaults: DefaultProviders;
  private readonly done = deferred<undefined>();
  private readonly over = deferred<undefined>();

  constructor(
    private readonly context: DeploymentContext,
    private readonly generator: StepGenerator,
    private readonly executor: StepExecutor,
  ) {
    this.defaults = new DefaultProviders(context, (goal) => this.register(goal));
  }

  /** Resolves when the program has told everything it wants. */
  get toldEverything(): Promise<undefined> {
    return this.done.promise;
  }

  /** Lets the program, which waits for the end of the run, go. */
  release(): void {
    this.over.resolve(undefined);
  }

  register(goal: Goal): Promise<Registered> {
    if (isProviderType(goal.type)) {
      const { version } = goal.properties;
      const packageName = packageOfProviderType(goal.type);
      this.context.providers.warnOfVersion(packageName, typeof version === "string" ? version : undefined);
    }
    this.context.secrets.learn(goal.properties);
    return this.plan((done) => this.generator.register(goal, done));
  }

  read(goal: ReadGoal): Promise<Registered> {
    return this.plan((done) => Promise.resolve(this.generator.read(goal, done)));
  }

  async registerOutputs(urn: Urn, outputs: PropertyMap): Promise<void> {
    if (isStackUrn(urn)) this.stackOutputs = { urn, outputs };
    else await this.executor.registerOutputs(urn, outputs);
  }

  async invoke({ token, args, provider, version }: Invocation): Promise<InvokeResult> {
    this.context.secrets.learn(args);
    if (token === getResource) return { result: this.lookUp(args) };
    const packageName = packageOfToken(token);
    const reference = provider === "" ? await this.defaultProvider(packageName, version) : provider;
    const { functions } = this.context.providers.get(reference);
    const call = Object.hasOwn(functions, token) ? functions[token] : undefined;
    if (call === undefined) {
      const known = Object.keys(functions).sort().join(", ");
      throw new Fault(
        `the embedded engine does not know the function ${token}; of the provider "${packageName}" it ` +
          `knows: ${known === "" ? "none" : known}. Install Pulumi to use it.`,
      );
    }
    return call(revealAll(args), {
      log: (severity, message) => this.context.diagnostics.tell(severity, message),
      signal: this.context.request.terminate,
    });
  }

  async defaultProvider(packageName: string, version: string): Promise<string> {
    return this.defaults.reference(packageName, version);
  }

  programDone(): Promise<void> {
    this.done.resolve(undefined);
    return this.over.promise;
  }

  log(severity: Severity, message: string, urn: Urn | undefined, ephemeral: boolean): void {
    this.context.diagnostics.tell(severity, message, urn, ephemeral);
  }

  fail(error: unknown, urn?: Urn): Promise<never> {
    // What comes after the end, such as calls that were broken off, is of no interest.
    if (!this.executor.stopped.aborted && !(error instanceof AlreadyReported)) {
      this.context.diagnostics.error(messageOf(error), urn);
    }
    this.executor.stop();
    return new Promise(() => undefined);
  }

  /** Resolves when every registration that has come so far has been planned and carried out. */
  async settled(): Promise<void> {
    await this.planning;
    await this.executor.idle();
  }

  /** One registration is planned at a time, in the order in which they came; their steps run side by side. */
  private plan(steps: (done: RegistrationDone) => Promise<readonly Step[]>): Promise<Registered> {
    return new Promise((resolve) => {
      this.planning = this.planning.then(async () => {
        if (this.executor.stopped.aborted) return;
        try {
          void this.executor.run(await steps(resolve));
        } catch (error) {
          void this.fail(error);
        }
      });
    });
  }

  /** A resource of this run by its URN: how the SDK follows a reference to one. */
  private lookUp({ urn }: PropertyMap): PropertyMap {
    const state =
      typeof urn === "string" ? (this.context.news.get(urn) ?? this.context.reads.get(urn)) : undefined;
    if (state === undefined) throw new Fault(`unknown resource ${JSON.stringify(urn)}`);
    return { urn: state.urn, id: state.id ?? "", provider: state.provider ?? "", state: state.outputs };
  }
}
