import type { ConfiguredProvider, Provider, ResourceType } from "../providers/provider";
import type { Urn } from "../state/resource";
import { revealAll, type PropertyMap } from "../values/value";
import { Fault } from "../values/fault";
import type { Diagnostics } from "./diagnostics";
import { providerResourceType } from "./provider-resource";
import type { State } from "./state";
import {
  isProviderType,
  packageOfProviderType,
  packageOfToken,
  parseProviderReference,
  parseUrn,
} from "./urn";

/** The plugins of a run and the provider resources that configure them. */
export class ProviderRegistry {
  private readonly inputs = new Map<string, { plugin: Provider; inputs: PropertyMap }>();
  private readonly configured = new Map<string, ConfiguredProvider>();
  private readonly warned = new Set<string>();

  constructor(
    private readonly plugins: Readonly<Record<string, Provider>>,
    private readonly olds: ReadonlyMap<Urn, State>,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** The plugin of a package; fails by name for one the engine does not have. */
  plugin(packageName: string, wantedBy: string): Provider {
    const plugin = Object.hasOwn(this.plugins, packageName) ? this.plugins[packageName] : undefined;
    if (plugin !== undefined) return plugin;
    throw new Fault(
      `${wantedBy} needs the provider "${packageName}", which the embedded engine does not have; ` +
        `it has: ${Object.keys(this.plugins).sort().join(", ")}. Install Pulumi to use it.`,
    );
  }

  /** Says once that the SDK package asks for another version than the one whose behaviour is built in. */
  warnOfVersion(packageName: string, wanted: string | undefined): void {
    const plugin = this.plugins[packageName];
    if (plugin === undefined || wanted === undefined || wanted === "" || wanted === plugin.version) return;
    if (this.warned.has(packageName + wanted)) return;
    this.warned.add(packageName + wanted);
    this.diagnostics.warning(
      `the program asks for version ${wanted} of the provider "${packageName}"; ` +
        `the embedded engine behaves like version ${plugin.version}`,
    );
  }

  /** Makes a provider resource usable by its reference; it is configured when it is first needed. */
  register(urn: Urn, id: string, inputs: PropertyMap): void {
    const { type } = parseUrn(urn);
    const reference = `${urn}::${id}`;
    this.configured.delete(reference);
    this.inputs.set(reference, { plugin: this.plugin(packageOfProviderType(type), urn), inputs });
  }

  /** The provider a resource refers to, from this run or, for what is to be deleted or read, from the last. */
  get(reference: string): ConfiguredProvider {
    const ready = this.configured.get(reference);
    if (ready !== undefined) return ready;
    if (!this.inputs.has(reference)) this.registerOld(reference);
    const entry = this.inputs.get(reference);
    if (entry === undefined) throw new Fault(`unknown provider ${reference}`);
    const provider = entry.plugin.configure(revealAll(configuration(entry.inputs)));
    this.configured.set(reference, provider);
    return provider;
  }

  /** Configures what the last run has left, while there is nothing else to do: some load large packages for it. */
  prepare(): void {
    for (const { urn, type, id } of this.olds.values()) {
      if (!isProviderType(type) || id === undefined) continue;
      try {
        this.get(`${urn}::${id}`);
      } catch {
        // Told by whatever comes to need it, if anything does.
      }
    }
  }

  /** What carries out the operations of a custom resource; fails by name for a type the provider lacks. */
  resourceType(state: Pick<State, "urn" | "type" | "provider">): ResourceType {
    if (isProviderType(state.type)) {
      return providerResourceType(this, this.plugin(packageOfProviderType(state.type), state.urn));
    }
    if (state.provider === undefined) throw new Fault(`${state.urn} has no provider`);
    const { resources } = this.get(state.provider);
    const type = Object.hasOwn(resources, state.type) ? resources[state.type] : undefined;
    if (type !== undefined) return type;
    throw new Fault(
      `the embedded engine does not know the resource type ${state.type}; of the provider ` +
        `"${packageOfToken(state.type)}" it knows: ${Object.keys(resources).sort().join(", ")}. ` +
        `Install Pulumi to use it.`,
    );
  }

  private registerOld(reference: string): void {
    const { urn, id } = parseProviderReference(reference);
    const old = this.olds.get(urn);
    if (old?.id === id) this.register(urn, id, old.inputs);
  }
}

/** A provider resource's inputs without what only the engine reads. */
export function configuration(inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "__internal"));
}
