import type { EngineEvent, StepMetadata } from "../deployment/events";
import { isStackUrn } from "../deployment/urn";
import { encodeResource } from "../state/resource-codec";
import type { ResourceState } from "../state/resource";
import { blindedProperties } from "./blind";

/**
 * A preview as one JSON document, in the CLI's own form (`pulumi preview --json`).
 * Source: `pkg/display/json.go` and `pkg/backend/display/json.go` of Pulumi.
 */
export function previewDigest(events: readonly EngineEvent[]): object {
  let config: Readonly<Record<string, string>> = {};
  let duration = 0;
  let changeSummary: Readonly<Record<string, number>> = {};
  const steps: StepMetadata[] = [];
  const diagnostics: object[] = [];
  for (const event of events) {
    switch (event.kind) {
      case "prelude":
        config = event.config;
        break;
      case "resource-pre":
        if (isShown(event.metadata)) steps.push(event.metadata);
        break;
      case "resource-outputs":
        replaceRefresh(steps, event.metadata);
        break;
      case "diagnostic":
        if (event.ephemeral === true || event.severity === "debug") break;
        diagnostics.push({
          ...(event.urn === undefined ? {} : { urn: event.urn }),
          message: `${event.severity}: ${event.message}\n`,
          severity: event.severity,
        });
        break;
      case "summary":
        duration = Math.round(event.durationMilliseconds * 1e6);
        changeSummary = Object.fromEntries(
          Object.entries(event.resourceChanges).sort(([left], [right]) => (left < right ? -1 : 1)),
        );
        break;
      default:
    }
  }
  return {
    ...(Object.keys(config).length === 0 ? {} : { config }),
    ...(steps.length === 0 ? {} : { steps: steps.map(stepJson) }),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    duration,
    ...(Object.keys(changeSummary).length === 0 ? {} : { changeSummary }),
  };
}

/** Unchanged resources are left out, but for the Stack and for those whose protection changes. */
function isShown({ op, urn, old, new: state, logical }: StepMetadata): boolean {
  if (isStackUrn(urn)) return true;
  if (op === "same") return (old?.protect ?? false) !== (state?.protect ?? false);
  const isPartOfReplacement =
    op === "create-replacement" ||
    op === "delete-replaced" ||
    op === "read-replacement" ||
    op === "discard-replaced";
  return logical || !isPartOfReplacement;
}

/** A refresh shows what it has found, not that it looked. */
function replaceRefresh(steps: StepMetadata[], found: StepMetadata): void {
  const position = steps.findIndex(({ op, urn }) => op === "refresh" && urn === found.urn);
  if (position < 0) return;
  if (found.op === "delete" || (found.op === "update" && found.detailedDiff !== undefined)) {
    steps[position] = found;
  }
}

function stepJson(metadata: StepMetadata): object {
  const { op, urn, provider, old, new: state, diffs = [], keys = [], detailedDiff } = metadata;
  return {
    op,
    urn,
    ...(provider === "" ? {} : { provider }),
    ...(old === undefined ? {} : { oldState: stateJson(old) }),
    ...(state === undefined ? {} : { newState: stateJson(state) }),
    ...(diffs.length === 0 ? {} : { diffReasons: diffs }),
    ...(keys.length === 0 ? {} : { replaceReasons: keys }),
    detailedDiff: detailedDiff ?? null,
  };
}

/** A resource as the state file has it, with `[secret]` for every secret. */
export function stateJson(state: ResourceState): unknown {
  const shown: ResourceState = {
    ...state,
    inputs: blindedProperties(state.inputs),
    outputs: blindedProperties(state.outputs),
  };
  return JSON.parse(encodeResource(shown, noSecrets));
}

/** Nothing secret is left to encrypt. */
const noSecrets = { decrypt: refuse, encrypt: refuse };

function refuse(): never {
  throw new Error("a secret was about to be shown");
}
