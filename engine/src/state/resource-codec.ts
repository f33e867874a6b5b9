import { Fault } from "../values/fault";
import { contains, Unknown, type PropertyMap } from "../values/value";
import { goList, goMap, goString, goStruct, goValue } from "./go-json";
import { decodeProperties, encodeProperties, type SecretText } from "./property-codec";
import type { ResourceState } from "./resource";

type Kind = "text" | "flag" | "texts" | "properties" | "dependencies" | "timeouts";

/**
 * The fields of a resource in the order in which the CLI writes them (ResourceV3 in `sdk/go/common/apitype/core.go`),
 * and what each holds. `kept`: this engine does not interpret it, and keeps it as it is.
 */
const FIELDS: readonly (readonly [name: string, kind: Kind | "kept"])[] = [
  ["urn", "text"],
  ["custom", "flag"],
  ["delete", "flag"],
  ["id", "text"],
  ["type", "text"],
  ["inputs", "properties"],
  ["outputs", "properties"],
  ["parent", "text"],
  ["protect", "flag"],
  ["taint", "kept"],
  ["external", "flag"],
  ["dependencies", "texts"],
  ["initErrors", "texts"],
  ["provider", "text"],
  ["propertyDependencies", "dependencies"],
  ["pendingReplacement", "flag"],
  ["additionalSecretOutputs", "texts"],
  ["aliases", "texts"],
  ["customTimeouts", "timeouts"],
  ["importID", "text"],
  ["retainOnDelete", "flag"],
  ["deletedWith", "text"],
  ["replaceWith", "kept"],
  ["created", "text"],
  ["modified", "text"],
  ["sourcePosition", "kept"],
  ["stackTrace", "kept"],
  ["ignoreChanges", "texts"],
  ["hideDiff", "kept"],
  ["replaceOnChanges", "texts"],
  ["replacementTrigger", "kept"],
  ["refreshBeforeUpdate", "kept"],
  ["viewOf", "kept"],
  ["resourceHooks", "kept"],
  ["extensionRef", "kept"],
  ["snippetID", "kept"],
];
const KINDS = new Map(FIELDS);
const ALWAYS_WRITTEN = new Set(["urn", "custom", "type"]);

/** A resource from parsed JSON. `secrets` decrypts. Fails, naming resource and field, on anything ill-formed. */
export function decodeResource(json: unknown, secrets: SecretText): ResourceState {
  if (!isRecord(json)) throw new Fault(`a resource is ${JSON.stringify(json)} where an object is expected`);
  const { urn, type } = json;
  if (typeof urn !== "string" || urn === "") throw new Fault("resource missing required 'urn' field");
  if (typeof type !== "string" || type === "")
    throw new Fault(`resource '${urn}' missing required 'type' field`);

  const known: Record<string, unknown> = {
    custom: false,
    inputs: {},
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
  };
  const other: Record<string, unknown> = {};
  const at = placeOf(urn, json);
  for (const [name, value] of Object.entries(json)) {
    const kind = KINDS.get(name) ?? "kept";
    if (kind === "kept") other[name] = value;
    else if (value !== null) known[name] = decodeField(kind, value, secrets, `${at} ${name}`);
  }
  if (known.custom === false && known.id !== undefined) {
    throw new Fault(`resource '${urn}' has 'custom' false but non-empty ID`);
  }
  if (Object.keys(other).length > 0) known.other = other;
  // Each field's kind has just been checked against the table, which mirrors ResourceState.
  const resource = known as unknown as ResourceState;
  refuseUnknowns(resource);
  return resource;
}

/** A resource as JSON text. `secrets` encrypts. */
export function encodeResource(resource: ResourceState, secrets: SecretText): string {
  const fields: Readonly<Record<string, unknown>> = { ...resource.other, ...resource };
  const names = [
    ...FIELDS.map(([name]) => name),
    ...Object.keys(resource.other ?? {}).filter((name) => !KINDS.has(name)),
  ];
  const at = placeOf(resource.urn, fields);
  const written: [string, string][] = [];
  for (const name of names) {
    const value = fields[name];
    const kind = KINDS.get(name) ?? "kept";
    if (value === undefined || (kind !== "kept" && !ALWAYS_WRITTEN.has(name) && isEmpty(value))) continue;
    written.push([name, encodeField(kind, value, resource, secrets, `${at} ${name}`)]);
  }
  return goStruct(written);
}

/** What names a resource for the ciphertexts: an old self that waits for deletion has the URN of the new one. */
function placeOf(urn: string, fields: Readonly<Record<string, unknown>>): string {
  return fields.delete === true && typeof fields.id === "string"
    ? `${urn} (to be deleted, ${fields.id})`
    : urn;
}

function decodeField(kind: Kind, value: unknown, secrets: SecretText, place: string): unknown {
  switch (kind) {
    case "text":
      if (typeof value === "string") return value === "" ? undefined : value;
      throw wrong(place, "a text", value);
    case "flag":
      if (typeof value === "boolean") return value;
      throw wrong(place, "true or false", value);
    case "texts":
      return decodeTexts(value, place);
    case "properties":
      if (isRecord(value)) return decodeProperties(value, secrets, place);
      throw wrong(place, "an object", value);
    case "dependencies":
      if (!isRecord(value)) throw wrong(place, "an object", value);
      return Object.fromEntries(
        Object.entries(value).map(([name, urns]) => [
          name,
          urns === null ? [] : decodeTexts(urns, `${place}.${name}`),
        ]),
      );
    case "timeouts":
      if (isRecord(value) && Object.values(value).every((seconds) => typeof seconds === "number"))
        return value;
      throw wrong(place, "an object of numbers", value);
  }
}

function encodeField(
  kind: Kind | "kept",
  value: unknown,
  resource: ResourceState,
  secrets: SecretText,
  place: string,
): string {
  switch (kind) {
    case "properties":
      return encodeProperties(value as PropertyMap, { secrets, unknowns: !resource.custom }, place);
    case "dependencies":
      return goMap(
        Object.entries(value as ResourceState["propertyDependencies"]).map(
          ([name, urns]) => [name, goList(urns.map((urn) => goString(urn)))] as const,
        ),
      );
    default:
      return goValue(value);
  }
}

function decodeTexts(value: unknown, place: string): readonly string[] {
  if (Array.isArray(value) && value.every((item): item is string => typeof item === "string")) return value;
  throw wrong(place, "a list of texts", value);
}

/** Only components (in practice the stack's outputs) may have values that are not known. */
function refuseUnknowns(resource: ResourceState): void {
  if (!resource.custom) return;
  for (const [name, value] of [...Object.entries(resource.inputs), ...Object.entries(resource.outputs)]) {
    if (contains(value, (part) => part instanceof Unknown)) {
      throw new Fault(`${resource.urn}: "${name}" is not known yet, and cannot be in a state`);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What Go's `omitempty` leaves out. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function wrong(place: string, expected: string, found: unknown): Fault {
  return new Fault(`${place}: expected ${expected}, found ${Array.isArray(found) ? "a list" : typeof found}`);
}
