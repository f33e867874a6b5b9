import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Goal, ReadGoal } from "../deployment/goal";
import { isProviderType } from "../deployment/urn";
import { Fault } from "../values/fault";
import type { PropertyMap } from "../values/value";
import { unmarshal } from "./marshal";

/** The goal a registration asks for; `provider` is what its resource refers to. */
export function goalOfRequest(request: RegisterResourceRequest, provider: string | undefined): Goal {
  refuseUnknownOptions(request);
  const outputDependencies = new Map<string, Set<string>>();
  const properties = unmarshal(request.getObject(), outputDependencies);
  const type = request.getType();
  const deleteBeforeReplace = request.getDeletebeforereplace();
  const timeouts = timeoutsOf(request);
  const protect = request.getProtect();
  const retainOnDelete = request.getRetainondelete();
  return {
    type,
    name: request.getName(),
    custom: request.getCustom(),
    properties: isProviderType(type) ? withVersion(properties, request.getVersion()) : properties,
    dependencies: request.getDependenciesList(),
    propertyDependencies: propertyDependencies(request, properties, outputDependencies),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasurnsList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
    ...(protect === undefined || !request.hasProtect() ? {} : { protect }),
    ...(provider === undefined ? {} : { provider }),
    ...(request.getDeletebeforereplacedefined() || deleteBeforeReplace ? { deleteBeforeReplace } : {}),
    ...(timeouts === undefined ? {} : { customTimeouts: timeouts }),
    ...(retainOnDelete === undefined || !request.hasRetainondelete() ? {} : { retainOnDelete }),
    ...(request.getDeletedwith() === "" ? {} : { deletedWith: request.getDeletedwith() }),
  };
}

export function readGoalOfRequest(request: ReadResourceRequest, provider: string): ReadGoal {
  return {
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    provider,
    properties: unmarshal(request.getProperties()),
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
  };
}

/** The inputs of a provider resource with what the engine notes in them. */
export function withVersion(properties: PropertyMap, version: string): PropertyMap {
  return version === "" ? properties : { ...properties, __internal: {}, version };
}

/** Which resources each property's value comes from. */
function propertyDependencies(
  request: RegisterResourceRequest,
  properties: PropertyMap,
  fromOutputs: ReadonlyMap<string, ReadonlySet<string>>,
): Record<string, readonly string[]> {
  const told = request.getPropertydependenciesMap();
  const result = new Map<string, Set<string>>();
  if (told.getLength() === 0) {
    // An SDK that does not tell them means that every property may come from every dependency.
    for (const name of Object.keys(properties)) result.set(name, new Set(request.getDependenciesList()));
  } else {
    told.forEach((dependencies, name) => result.set(name, new Set(dependencies.getUrnsList())));
  }
  for (const [name, urns] of fromOutputs) {
    const known = result.get(name) ?? new Set();
    for (const urn of urns) known.add(urn);
    result.set(name, known);
  }
  return Object.fromEntries([...result].map(([name, urns]) => [name, [...urns]]));
}

function timeoutsOf(request: RegisterResourceRequest): Goal["customTimeouts"] {
  const timeouts = request.getCustomtimeouts();
  if (timeouts === undefined) return undefined;
  const result = {
    ...seconds("create", timeouts.getCreate()),
    ...seconds("update", timeouts.getUpdate()),
    ...seconds("delete", timeouts.getDelete()),
  };
  return Object.keys(result).length === 0 ? undefined : result;
}

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** A Go duration (`1h30m`, `90s`) in seconds. */
function seconds(name: string, text: string): Record<string, number> {
  if (text === "") return {};
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new Fault(
      `customTimeouts.${name}: "${text}" is not a duration; expected one like 90s, 5m or 1h30m`,
    );
  }
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  let total = 0;
  for (const [, amount, unit] of parts) total += Number(amount) * (unitSeconds[unit ?? ""] ?? 0);
  return { [name]: total };
}

/** Options that would change what happens, and that this engine does not carry out: refused, all at once. */
function refuseUnknownOptions(request: RegisterResourceRequest): void {
  const hooks = request.getHooks()?.toObject() ?? {};
  const found = [
    request.getRemote() && "a component of another language (remote)",
    request.getImportid() !== "" && "the option import",
    request.getReplaceWithList().length > 0 && "the option replaceWith",
    request.hasReplacementTrigger() && "the option replacementTrigger",
    request.getPackageref() !== "" && "a parameterized package",
    Object.values(hooks).some((names) => Array.isArray(names) && names.length > 0) && "the option hooks",
    request.getEnvvarmappingsMap().getLength() > 0 && "the option envVarMappings",
  ].filter((name) => name !== false);
  if (found.length === 0) return;
  throw new Fault(
    `${request.getType()} resource '${request.getName()}' uses ${found.join(" and ")}, ` +
      "which the embedded engine does not have; install Pulumi to use it",
  );
}
