import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** Marks an object as one of the special values below (`sdk/nodejs/runtime/rpc.ts` of Pulumi). */
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
} as const;
/** Stands for any value that is not known yet. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** `value` as an output value that comes from `dependencies` too, besides what it says already. */
export function outputValue(value: JavaScriptValue, dependencies: readonly string[]): JavaScriptValue {
  const fields = fieldsOf(value);
  const signature = fields?.[signatureKey];
  if (fields !== undefined && signature === signatures.output) {
    const { dependencies: known } = fields;
    const all = new Set([...(Array.isArray(known) ? (known as string[]) : []), ...dependencies]);
    return { ...fields, dependencies: [...all] };
  }
  const base = { [signatureKey]: signatures.output, dependencies: [...dependencies] };
  if (fields !== undefined && signature === signatures.secret) {
    const inner = fields["value"] ?? null;
    return { ...base, secret: true, ...(inner === unknownText ? {} : { value: inner }) };
  }
  return value === unknownText ? base : { ...base, value };
}

const fieldsOf = (value: JavaScriptValue): Record<string, JavaScriptValue> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, JavaScriptValue>)
    : undefined;
