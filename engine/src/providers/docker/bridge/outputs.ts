import { isPropertyMap, type PropertyMap } from "../../../values/value";
import { deltaKey, metaKey, toPulumi, toTerraform } from "./convert";
import { rawStateDelta } from "./raw-state-delta";
import type { Timeouts } from "./resource";
import type { Fields } from "../terraform/schema";

/** The key under which the SDK keeps timeouts, in nanoseconds. */
const timeoutsKey = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";

/** `__meta`: schema version and timeouts, as JSON text; nothing when both are the SDK's defaults. */
export function metaText(schemaVersion: number, timeouts: Timeouts | undefined): string | undefined {
  const nanoseconds =
    timeouts &&
    Object.fromEntries(Object.entries(timeouts).map(([verb, seconds]) => [verb, Math.round(seconds * 1e9)]));
  const meta = {
    ...(nanoseconds ? { [timeoutsKey]: nanoseconds } : {}),
    ...(schemaVersion > 0 ? { schema_version: String(schemaVersion) } : {}),
  };
  return Object.keys(meta).length > 0 ? JSON.stringify(meta) : undefined;
}

/** A Terraform state as the outputs that the real plugin records. */
export function recorded(fields: Fields, state: PropertyMap, meta: string | undefined): PropertyMap {
  return {
    ...toPulumi(fields, state),
    ...(meta === undefined ? {} : { [metaKey]: meta }),
    [deltaKey]: rawStateDelta(fields, state),
  };
}

/** The Terraform state that recorded outputs stand for. */
export function recovered(fields: Fields, outputs: PropertyMap, id: string): PropertyMap {
  return { ...toTerraform(fields, outputs), id };
}

export function metaOf(outputs: PropertyMap): string | undefined {
  const meta = isPropertyMap(outputs) ? outputs[metaKey] : undefined;
  return typeof meta === "string" ? meta : undefined;
}
