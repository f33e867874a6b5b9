import { randomUUID } from "node:crypto";
import type { DiffResult, Provider, ResourceType } from "../providers/provider";
import type { PropertyMap } from "../values/value";
import { sameProperties, sameValue } from "./equality";
import { configuration, type ProviderRegistry } from "./provider-registry";

/** What Pulumi gives a provider as its id in previews, where it does not exist yet. */
export const unknownProviderId = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * A provider resource as a resource like any other: its inputs are checked and compared by the plugin, and
 * creating or updating it configures an instance (`pkg/resource/deploy/providers/registry.go` of Pulumi).
 */
export function providerResourceType(registry: ProviderRegistry, plugin: Provider): ResourceType {
  return {
    check({ news }) {
      const { __internal: internal, ...rest } = news;
      const checked = plugin.checkConfig?.(rest) ?? { inputs: rest, failures: [] };
      const inputs = internal === undefined ? checked.inputs : { ...checked.inputs, __internal: internal };
      return Promise.resolve({ inputs, failures: checked.failures });
    },
    diff({ oldInputs, news }) {
      const [olds, wanted] = [configuration(oldInputs), configuration(news)];
      return Promise.resolve(plugin.diffConfig?.(olds, wanted) ?? anyChangeUpdates(olds, wanted));
    },
    create({ urn, inputs, preview }) {
      const id = preview ? unknownProviderId : randomUUID();
      registry.register(urn, id, inputs);
      return Promise.resolve({ id, outputs: configuration(inputs) });
    },
    update({ urn, id, inputs }) {
      registry.register(urn, id, inputs);
      return Promise.resolve(configuration(inputs));
    },
    delete: () => Promise.resolve(),
  };
}

function anyChangeUpdates(olds: PropertyMap, news: PropertyMap): DiffResult {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const diffs = [...names].filter((name) => {
    const [before, after] = [olds[name], news[name]];
    return before === undefined || after === undefined || !sameValue(before, after);
  });
  return {
    changes: sameProperties(olds, news) ? "none" : "some",
    replaces: [],
    diffs,
    deleteBeforeReplace: false,
  };
}
