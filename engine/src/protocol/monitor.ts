import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { isProviderType, packageOfToken } from "../deployment/urn";
import type { Goal } from "../deployment/goal";
import type { Urn } from "../state/resource";
import { Fault, messageOf } from "../values/fault";
import { supportsFeature } from "./features";
import { goalOfRequest, readGoalOfRequest } from "./goal-of-request";
import { marshal, unmarshal } from "./marshal";
import type { Registrar } from "./registrar";
import type { Sdk } from "./sdk";
import { Transforms } from "./transforms";

type Inherited = Pick<Goal, "protect" | "retainOnDelete" | "deletedWith">;

/** The resource monitor: what a program calls to declare resources (`proto/pulumi/resource.proto`). */
export class ResourceMonitor {
  /** What children of a resource take over where they say nothing themselves. */
  private readonly inherited = new Map<Urn, Inherited>();
  /** Per component its providers, by package. */
  private readonly providers = new Map<Urn, ReadonlyMap<string, string>>();
  private readonly parents = new Map<Urn, Urn>();
  private readonly transforms: Transforms;

  constructor(
    private readonly sdk: Sdk,
    private readonly registrar: Registrar,
  ) {
    this.transforms = new Transforms(sdk);
  }

  /** The service as gRPC wants it. */
  implementation(): UntypedServiceImplementation {
    const { resource, empty } = this.sdk;
    return {
      supportsFeature: this.unary((request: SupportsFeatureRequest) => {
        const response = new resource.SupportsFeatureResponse();
        return Promise.resolve(response.setHassupport(supportsFeature(request.getId())));
      }),
      registerResource: this.unary((request: RegisterResourceRequest) => this.registerResource(request)),
      registerResourceOutputs: this.unary(async (request: RegisterResourceOutputsRequest) => {
        await this.registrar.registerOutputs(request.getUrn(), unmarshal(request.getOutputs()));
        return new empty.Empty();
      }),
      readResource: this.unary((request: ReadResourceRequest) => this.readResource(request)),
      invoke: this.invoke(),
      signalAndWaitForShutdown: this.unary(async () => {
        await this.registrar.programDone();
        return new empty.Empty();
      }),
      call: this.refusal("a method of a resource (Call)"),
      registerStackTransform: this.unary((callback: Callback) => {
        this.transforms.addForStack(callback);
        return Promise.resolve(new empty.Empty());
      }),
      registerStackInvokeTransform: this.refusal("a transform of function calls"),
      registerResourceHook: this.refusal("a resource hook"),
      registerErrorHook: this.refusal("an error hook"),
      registerPackage: this.refusal("a parameterized package"),
    };
  }

  private async registerResource(request: RegisterResourceRequest) {
    const parent = request.getParent();
    const type = request.getType();
    if (request.getCustom()) {
      request.setProvider(this.namedProvider(type, request.getProvider(), parent, providerMap(request)));
    }
    await this.transforms.apply(request, [...this.ancestors(parent)]);
    const isPlainCustom = request.getCustom() && !isProviderType(type);
    const provider = isPlainCustom
      ? request.getProvider() || (await this.defaultProvider(type, request.getVersion()))
      : undefined;
    const own = goalOfRequest(request, provider);
    const goal = { ...this.inherited.get(parent), ...own };
    const result = await this.registrar.register(goal);
    this.remember(result.urn, goal, providerMap(request));
    this.transforms.remember(result.urn, request);
    const response = new this.sdk.resource.RegisterResourceResponse();
    response.setUrn(result.urn).setId(result.id ?? "");
    // A component's outputs are those of an earlier run until it registers its own.
    const outputs = request.getCustom() ? result.outputs : {};
    const options = { secrets: request.getAcceptsecrets(), resources: request.getAcceptresources() };
    return markSkipped(response.setObject(marshal(this.sdk, outputs, options)), result.skipped);
  }

  private async readResource(request: ReadResourceRequest) {
    const [type, version] = [request.getType(), request.getVersion()];
    const provider =
      this.namedProvider(type, request.getProvider(), request.getParent()) ||
      (await this.defaultProvider(type, version));
    const result = await this.registrar.read(readGoalOfRequest(request, provider));
    const response = new this.sdk.resource.ReadResourceResponse();
    const options = { secrets: request.getAcceptsecrets(), resources: request.getAcceptresources() };
    return response.setUrn(result.urn).setProperties(marshal(this.sdk, result.outputs, options));
  }

  /** Unlike a registration, a function call that fails is the program's affair: it gets the error. */
  private invoke(): handleUnaryCall<ResourceInvokeRequest, unknown> {
    return ({ request }, answer) => {
      const token = request.getTok();
      this.registrar
        .invoke({
          token,
          args: unmarshal(request.getArgs()),
          provider: request.getProvider(),
          version: request.getVersion(),
        })
        .then(
          ({ result, failures = [] }) => {
            // The class behind this reply has changed its name between versions of the SDK.
            const { invoke } = this.sdk.monitorService as unknown as {
              invoke: { responseType: InvokeReplyClass };
            };
            const Reply = invoke.responseType;
            const reply = new Reply();
            reply.setReturn(
              marshal(this.sdk, result, { secrets: true, resources: request.getAcceptresources() }),
            );
            reply.setFailuresList(
              failures.map(({ property, reason }) =>
                new this.sdk.provider.CheckFailure().setProperty(property).setReason(reason),
              ),
            );
            answer(null, reply);
          },
          (error: unknown) => {
            const message = `invocation of ${token} returned an error: ${messageOf(error)}`;
            answer({ code: this.sdk.grpc.status.UNKNOWN, message });
          },
        );
    };
  }

  /** The provider a resource belongs to: its own, or its parents' for the package; "": the default one. */
  private namedProvider(
    type: string,
    explicit: string,
    parent: Urn,
    own?: ReadonlyMap<string, string>,
  ): string {
    if (explicit !== "") return explicit;
    const packageName = packageOfToken(type);
    const direct = own?.get(packageName);
    if (direct !== undefined) return direct;
    for (const urn of this.ancestors(parent)) {
      const inherited = this.providers.get(urn)?.get(packageName);
      if (inherited !== undefined) return inherited;
    }
    return "";
  }

  private defaultProvider(type: string, version: string): Promise<string> {
    return this.registrar.defaultProvider(packageOfToken(type), version);
  }

  /** The parent, its parent and so on. */
  private *ancestors(parent: Urn): Generator<Urn> {
    for (let urn: Urn | undefined = parent; urn !== undefined && urn !== ""; urn = this.parents.get(urn))
      yield urn;
  }

  private remember(urn: Urn, goal: Goal, providers: ReadonlyMap<string, string>): void {
    const { protect, retainOnDelete, deletedWith, parent } = goal;
    this.inherited.set(urn, {
      ...(protect === undefined ? {} : { protect }),
      ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
      ...(deletedWith === undefined ? {} : { deletedWith }),
    });
    if (parent !== undefined) this.parents.set(urn, parent);
    if (!goal.custom) this.providers.set(urn, providers);
  }

  /** A call that the engine does not carry out. */
  private refusal(what: string): handleUnaryCall<unknown, unknown> {
    return this.unary(() =>
      Promise.reject(
        new Fault(
          `the program uses ${what}, which the embedded engine does not have; install Pulumi to use it`,
        ),
      ),
    );
  }

  /** A failed call ends the run and gets no answer: an error would make the program print noise and hang. */
  private unary<Request>(handle: (request: Request) => Promise<unknown>): handleUnaryCall<Request, unknown> {
    return ({ request }, answer) => {
      // What `handle` throws outright counts like a rejection.
      Promise.resolve()
        .then(() => handle(request))
        .then((reply) => answer(null, reply))
        .catch((error: unknown) => this.registrar.fail(error))
        .catch(() => undefined);
    };
  }
}

type InvokeReplyClass = new () => {
  setReturn(value: unknown): void;
  setFailuresList(value: readonly unknown[]): void;
};

function providerMap(request: RegisterResourceRequest): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  request.getProvidersMap().forEach((reference, packageName) => result.set(packageName, reference));
  return result;
}

/** Tells an SDK that knows the field that nothing of the resource is known. */
function markSkipped<Response extends object>(response: Response, skipped: boolean): Response {
  if (skipped && "setUnknown" in response) {
    (response as { setUnknown(value: boolean): void }).setUnknown(true);
  }
  return response;
}
