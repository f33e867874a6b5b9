import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest, TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { makeUrn, parseUrn } from "../deployment/urn";
import { Fault } from "../values/fault";
import type { Sdk } from "./sdk";

/** The options of a registration as a transform sees them. */
export function optionsOf(sdk: Sdk, request: RegisterResourceRequest): TransformResourceOptions {
  const options = new sdk.resource.TransformResourceOptions();
  options
    .setImport(request.getImportid())
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasurnsList().map((urn) => new sdk.alias.Alias().setUrn(urn)))
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setDeletedWith(request.getDeletedwith())
    .setReplaceWithList(request.getReplaceWithList())
    .setReplacementTrigger(request.getReplacementTrigger())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setHooks(request.getHooks());
  const [protect, retain] = [request.getProtect(), request.getRetainondelete()];
  if (request.hasProtect() && protect !== undefined) options.setProtect(protect);
  if (request.hasRetainondelete() && retain !== undefined) options.setRetainOnDelete(retain);
  if (request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  request.getProvidersMap().forEach((reference, name) => options.getProvidersMap().set(name, reference));
  return options;
}

/** Makes `options` those of the registration. */
export function adoptOptions(request: RegisterResourceRequest, options: TransformResourceOptions): void {
  const deleteFirst = options.getDeleteBeforeReplace();
  request
    .setImportid(options.getImport())
    .setIgnorechangesList(options.getIgnoreChangesList())
    .setReplaceonchangesList(options.getReplaceOnChangesList())
    .setVersion(options.getVersion())
    .setAliasurnsList(options.getAliasesList().map((alias) => urnOfAlias(alias, request)))
    .setProvider(options.getProvider())
    .setCustomtimeouts(options.getCustomTimeouts())
    .setDeletedwith(options.getDeletedWith())
    .setReplaceWithList(options.getReplaceWithList())
    .setReplacementTrigger(options.getReplacementTrigger())
    .setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList())
    .setHooks(options.getHooks())
    .setDeletebeforereplace(deleteFirst ?? false)
    .setDeletebeforereplacedefined(options.hasDeleteBeforeReplace());
  const [protect, retain] = [options.getProtect(), options.getRetainOnDelete()];
  if (options.hasProtect() && protect !== undefined) request.setProtect(protect);
  else request.clearProtect();
  if (options.hasRetainOnDelete() && retain !== undefined) request.setRetainondelete(retain);
  else request.clearRetainondelete();
  const providers = request.getProvidersMap();
  providers.clear();
  options.getProvidersMap().forEach((reference, name) => providers.set(name, reference));
}

/** An alias that a transform has added may tell only what is different from the resource itself. */
function urnOfAlias(alias: Alias, request: RegisterResourceRequest): string {
  if (alias.hasUrn()) return alias.getUrn();
  const spec = alias.getSpec();
  const parent = request.getParent();
  if (spec === undefined || parent === "")
    throw new Fault("a transform has given an alias that names nothing");
  const { stack, project } = parseUrn(parent);
  const aliasParent = spec.getNoparent() ? undefined : spec.getParenturn() || parent;
  return makeUrn(
    spec.getStack() || stack,
    spec.getProject() || project,
    aliasParent,
    spec.getType() || request.getType(),
    spec.getName() || request.getName(),
  );
}
