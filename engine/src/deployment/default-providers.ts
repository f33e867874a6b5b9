import { withVersion } from "../protocol/goal-of-request";
import { Secret, type PropertyMap, type Value } from "../values/value";
import type { DeploymentContext } from "./context";
import type { Goal, Registered } from "./goal";
import { formatProviderReference, providerType } from "./urn";

/**
 * The providers the engine makes by itself for resources that name none: one a package and version, called
 * `default_1_2_3`, with the package's own configuration of the stack.
 * Source: `pkg/resource/deploy/default_providers.go` of Pulumi.
 */
export class DefaultProviders {
  private readonly references = new Map<string, Promise<string>>();

  constructor(
    private readonly context: DeploymentContext,
    private readonly register: (goal: Goal) => Promise<Registered>,
  ) {}

  /** The reference of a package's default provider; fails by name for a package the engine does not have. */
  reference(packageName: string, requestedVersion: string): Promise<string> {
    const plugin = this.context.providers.plugin(packageName, "the program");
    this.context.providers.warnOfVersion(packageName, requestedVersion);
    const version = requestedVersion === "" ? plugin.version : requestedVersion;
    const key = `${packageName}@${version}`;
    const known = this.references.get(key);
    if (known !== undefined) return known;
    const made = this.make(packageName, version);
    this.references.set(key, made);
    return made;
  }

  private async make(packageName: string, version: string): Promise<string> {
    const { urn, id } = await this.register({
      type: providerType(packageName),
      name: `default_${version.replace(/[.+-]/g, "_")}`,
      custom: true,
      properties: withVersion(this.configuration(packageName), version),
      dependencies: [],
      propertyDependencies: {},
      ignoreChanges: [],
      additionalSecretOutputs: [],
      aliases: [],
      replaceOnChanges: [],
    });
    return formatProviderReference(urn, id ?? "");
  }

  /** `docker:host` and the like. */
  private configuration(packageName: string): PropertyMap {
    const prefix = `${packageName}:`;
    return Object.fromEntries(
      Object.entries(this.context.request.config)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { value, secret }]): [string, Value] => [
          key.slice(prefix.length),
          secret ? new Secret(value) : value,
        ]),
    );
  }
}
