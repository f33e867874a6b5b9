import type { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Urn } from "../state/resource";
import { Fault, messageOf } from "../values/fault";
import type { Sdk } from "./sdk";
import { dependenciesOfOutputs, withDependencies } from "./output-dependencies";
import { adoptOptions, optionsOf } from "./transform-options";

/**
 * Functions of the program that change what it registers, called back over gRPC: the resource's own first, then those
 * of its parent and so on, then the stack's. Source: `RegisterResource` in `pkg/resource/deploy/source_eval.go` of Pulumi.
 */
export class Transforms {
  private readonly clients = new Map<string, CallbacksClient>();
  private readonly byResource = new Map<Urn, readonly Callback[]>();
  private readonly ofStack: Callback[] = [];

  constructor(private readonly sdk: Sdk) {}

  addForStack(callback: Callback): void {
    this.ofStack.push(callback);
  }

  /** Those a resource was registered with hold for what is registered below it. */
  remember(urn: Urn, request: RegisterResourceRequest): void {
    const own = request.getTransformsList();
    if (own.length > 0) this.byResource.set(urn, own);
  }

  /**
   * Makes `request` what its transforms want it to be.
   * @param ancestors the parent, its parent and so on
   */
  async apply(request: RegisterResourceRequest, ancestors: readonly Urn[]): Promise<void> {
    const own = request.getTransformsList();
    const inherited = ancestors.flatMap((urn) => this.byResource.get(urn) ?? []);
    const callbacks = [...own, ...inherited, ...this.ofStack];
    if (callbacks.length === 0) return;
    const { Struct } = this.sdk.struct;
    let properties = request.getObject() ?? new Struct();
    // Only then: as in Pulumi, what others' transforms do to where values come from is not followed.
    if (own.length > 0) properties = Struct.fromJavaScript(withDependencies(properties, request));
    let options = optionsOf(this.sdk, request);
    for (const callback of callbacks) {
      const transform = new this.sdk.resource.TransformRequest();
      transform.setName(request.getName()).setType(request.getType()).setParent(request.getParent());
      transform.setCustom(request.getCustom()).setProperties(properties).setOptions(options);
      const answer = this.sdk.resource.TransformResponse.deserializeBinary(
        await this.call(callback, transform.serializeBinary()),
      );
      properties = answer.getProperties() ?? properties;
      options = answer.getOptions() ?? options;
    }
    request.setObject(properties);
    adoptOptions(request, options);
    if (own.length > 0) this.adoptDependencies(request, options.getDependsOnList());
  }

  /** Where each value comes from now, and with it what the resource depends on. */
  private adoptDependencies(request: RegisterResourceRequest, dependsOn: readonly string[]): void {
    const { PropertyDependencies } = this.sdk.resource.RegisterResourceRequest;
    const all = new Set(dependsOn);
    const byProperty = request.getPropertydependenciesMap();
    byProperty.clear();
    for (const [name, urns] of dependenciesOfOutputs(request.getObject())) {
      const dependencies = new PropertyDependencies();
      dependencies.setUrnsList([...urns]);
      byProperty.set(name, dependencies);
      for (const urn of urns) all.add(urn);
    }
    request.setDependenciesList([...all]);
  }

  private call(callback: Callback, bytes: Uint8Array): Promise<Uint8Array> {
    const request = new this.sdk.callback.CallbackInvokeRequest();
    request.setToken(callback.getToken()).setRequest(bytes);
    return new Promise((resolve, reject) => {
      this.client(callback.getTarget()).invoke(request, (error, response) => {
        if (error === null) resolve(response.getResponse_asU8());
        else reject(new Fault(`invoke transform: ${messageOf(error)}`, { cause: error }));
      });
    });
  }

  private client(target: string): CallbacksClient {
    const known = this.clients.get(target);
    if (known !== undefined) return known;
    const client = new this.sdk.CallbacksClient(target, this.sdk.grpc.credentials.createInsecure());
    this.clients.set(target, client);
    return client;
  }
}
