import type { EngineEvent, StepMetadata } from "../deployment/events";
import type { ResourceState } from "../state/resource";
import { blindedProperties } from "./blind";

/** An engine event in the CLI's own form (`sdk/go/common/apitype/events.go` of Pulumi). */
export function eventJson(event: EngineEvent, sequence: number, timestamp: number): object {
  return { sequence, timestamp, ...payload(event) };
}

function payload(event: EngineEvent): object {
  switch (event.kind) {
    case "prelude":
      return { preludeEvent: { config: event.config } };
    case "resource-pre":
      return { resourcePreEvent: resourceEvent(event.metadata, event.planning) };
    case "resource-outputs":
      return { resOutputsEvent: resourceEvent(event.metadata, event.planning) };
    case "resource-failed":
      return { resOpFailedEvent: { metadata: metadataJson(event.metadata), status: 0, steps: 0 } };
    case "diagnostic":
      return {
        diagnosticEvent: {
          ...(event.urn === undefined ? {} : { urn: event.urn }),
          prefix: `${event.severity}: `,
          message: `${event.message}\n`,
          color: "never",
          severity: event.severity,
          ...(event.ephemeral === true ? { ephemeral: true } : {}),
        },
      };
    case "stdout":
      return { stdoutEvent: { message: event.message, color: "never" } };
    case "summary":
      return {
        summaryEvent: {
          maybeCorrupt: false,
          durationSeconds: Math.ceil(event.durationMilliseconds / 1000),
          resourceChanges: event.resourceChanges,
          PolicyPacks: {},
          isPreview: event.isPreview,
          result: event.result,
        },
      };
    case "cancel":
      return { cancelEvent: {} };
  }
}

const resourceEvent = (metadata: StepMetadata, planning: boolean): object => ({
  metadata: metadataJson(metadata),
  ...(planning ? { planning } : {}),
});

function metadataJson(metadata: StepMetadata): object {
  const { op, urn, type, old, new: state, keys = [], diffs = [], detailedDiff, logical, provider } = metadata;
  return {
    op,
    urn,
    type,
    old: old === undefined ? null : stateJson(old),
    new: state === undefined ? null : stateJson(state),
    ...(keys.length === 0 ? {} : { keys }),
    ...(diffs.length === 0 ? {} : { diffs }),
    detailedDiff:
      detailedDiff === undefined
        ? null
        : Object.fromEntries(
            Object.entries(detailedDiff).map(([path, { kind, inputDiff }]) => [
              path,
              { diffKind: kind, inputDiff },
            ]),
          ),
    ...(logical ? { logical } : {}),
    provider,
  };
}

function stateJson(state: ResourceState): object {
  return {
    type: state.type,
    urn: state.urn,
    ...(state.custom ? { custom: true } : {}),
    ...(state.delete === true ? { delete: true } : {}),
    id: state.id ?? "",
    parent: state.parent ?? "",
    ...(state.protect === true ? { protect: true } : {}),
    ...(state.external === true ? { external: true } : {}),
    ...(state.retainOnDelete === true ? { retainOnDelete: true } : {}),
    inputs: blindedProperties(state.inputs),
    outputs: blindedProperties(state.outputs),
    provider: state.provider ?? "",
    ...((state.initErrors ?? []).length === 0 ? {} : { initErrors: state.initErrors ?? [] }),
  };
}
