import type { DiffKind, DiffResult } from "../providers/provider";
import type { Urn } from "../state/resource";
import { revealAll, unknown, type PropertyMap, type Value } from "../values/value";
import type { DeploymentContext } from "./context";
import type { DetailedDiff } from "./events";
import { sameProperties } from "./equality";
import type { Plan } from "./plan";
import { parsePropertyPath, pathContains, resetPath } from "./property-path";
import { configuration } from "./provider-registry";
import type { State } from "./state";
import { packageOfProviderType, parseProviderReference, parseUrn } from "./urn";

const initErrorKey = "#initerror";

const unchanged: DiffResult = { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

const replacedFor = (key: string): DiffResult => ({ ...unchanged, changes: "some", replaces: [key] });

/** True where a diff asks for a replacement, by its keys or by any of its paths. */
export function asksForReplacement(diff: DiffResult): boolean {
  return (
    diff.replaces.length > 0 ||
    Object.values(diff.detailedDiff ?? {}).some(({ kind }) => kind.endsWith("-replace"))
  );
}

/** What has to happen to `old` so that it becomes `state` (`diff` in `step_generator.go` of Pulumi). */
export async function diffResource(
  context: DeploymentContext,
  plan: Plan,
  old: State,
  state: State,
): Promise<DiffResult> {
  if (plan.isTargetedReplace(state.urn)) return replacedFor("id");
  if (state.deletedWith !== undefined && plan.replaces.has(state.deletedWith))
    return replacedFor("deletedWith");
  if (providerChanged(context, plan, old, state)) return replacedFor("provider");
  if (!state.custom) {
    return sameProperties(old.inputs, state.inputs) ? unchanged : { ...unchanged, changes: "some" };
  }
  return askProvider(context, state, old, state.inputs, state.ignoreChanges ?? []);
}

/** The provider's own answer for `old` with `news` as inputs. */
export function askProvider(
  context: DeploymentContext,
  typed: Pick<State, "urn" | "type" | "provider">,
  old: State,
  news: PropertyMap,
  ignoreChanges: readonly string[],
): Promise<DiffResult> {
  return context.providers.resourceType(typed).diff({
    urn: typed.urn,
    id: old.id ?? "",
    oldInputs: revealAll(old.inputs),
    oldOutputs: revealAll(old.outputs),
    news: revealAll(news),
    ignoreChanges,
  });
}

/** A resource moves to another provider: replaced only where the new one's configuration demands it. */
function providerChanged(context: DeploymentContext, plan: Plan, old: State, state: State): boolean {
  if (old.provider === state.provider) return false;
  if (old.provider === undefined || state.provider === undefined) return true;
  const [oldReference, newReference] = [
    parseProviderReference(old.provider),
    parseProviderReference(state.provider),
  ];
  if (plan.aliased.get(oldReference.urn) === newReference.urn) return false;
  const [oldProvider, newProvider] = [context.olds.get(oldReference.urn), context.news.get(newReference.urn)];
  if (oldProvider === undefined || newProvider === undefined) return true;
  const { type } = parseUrn(newReference.urn);
  const plugin = context.providers.plugin(packageOfProviderType(type), state.urn);
  const [olds, news] = [oldProvider, newProvider].map(({ inputs }) => revealAll(configuration(inputs)));
  if (plugin.diffConfig === undefined || olds === undefined || news === undefined) return false;
  return asksForReplacement(plugin.diffConfig(olds, news));
}

/** A provider's answer with the user's `replaceOnChanges` and earlier initialisation errors worked in. */
export function applyReplaceOnChanges(
  diff: DiffResult,
  replaceOnChanges: readonly string[],
  hasInitErrors: boolean,
): DiffResult {
  if ((diff.changes === "none" && !hasInitErrors) || replaceOnChanges.length === 0) return diff;
  const paths = replaceOnChanges.map(parsePropertyPath);
  const forces = (text: string): boolean => {
    const path = text === initErrorKey ? [initErrorKey] : parsePropertyPath(text);
    return paths.some((candidate) => pathContains(candidate, path));
  };
  const initErrorForces = hasInitErrors && forces(initErrorKey);
  const replaces = new Set([...diff.replaces, ...diff.diffs.filter(forces)]);
  if (initErrorForces) replaces.add(initErrorKey);
  return {
    ...diff,
    changes: initErrorForces ? "some" : diff.changes,
    replaces: [...replaces],
    ...(diff.detailedDiff === undefined
      ? {}
      : { detailedDiff: withForcedReplacements(diff.detailedDiff, forces) }),
  };
}

function withForcedReplacements(detailed: DetailedDiff, forces: (path: string) => boolean): DetailedDiff {
  return Object.fromEntries(
    Object.entries(detailed).map(([path, change]) => [
      path,
      forces(path) ? { ...change, kind: toReplace(change.kind) } : change,
    ]),
  );
}

const toReplace = (kind: DiffKind): DiffKind =>
  kind === "add" || kind === "delete" || kind === "update" ? `${kind}-replace` : kind;

/** `news` with everything `ignoreChanges` names put back to its old value; tells what could not be. */
export function processIgnoreChanges(
  context: DeploymentContext,
  urn: Urn,
  news: PropertyMap,
  olds: PropertyMap,
  ignoreChanges: readonly string[],
): PropertyMap {
  let result = news;
  const failed: string[] = [];
  for (const text of ignoreChanges) {
    const reset = resetPath(parsePropertyPath(text), olds, result);
    if (reset === undefined) failed.push(text);
    else result = reset;
  }
  if (failed.length > 0) {
    const paths = failed.join(", ");
    context.diagnostics.info(
      `cannot ignore changes in added or removed elements of the path: "${paths}"`,
      urn,
    );
  }
  return result;
}

/** `inputs` with those unknown that come from a resource in `replaced`; `undefined`: none does. */
export function withUnknowns(state: State, replaced: ReadonlySet<Urn>): PropertyMap | undefined {
  const comesFromReplaced = (name: string): boolean =>
    (state.propertyDependencies[name] ?? []).some((urn) => replaced.has(urn));
  const inputs = Object.entries(state.inputs);
  if (!inputs.some(([name]) => comesFromReplaced(name))) return undefined;
  return Object.fromEntries(
    inputs.map(([name, value]): [string, Value] => [name, comesFromReplaced(name) ? unknown : value]),
  );
}
