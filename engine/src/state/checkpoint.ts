import { Fault } from "../values/fault";
import { goList, goMap, goString, goStruct, goValue } from "./go-json";
import type { SecretText } from "./property-codec";
import type { OperationType, PendingOperation, ResourceState, Snapshot } from "./resource";
import { decodeResource, encodeResource } from "./resource-codec";

/** The format this engine reads and writes. 4 is 3 plus features, of which this engine has none. */
const VERSION = 3;
const OPERATIONS: readonly string[] = ["creating", "updating", "deleting", "reading", "importing"];

/**
 * A state file, parsed and checked as far as that goes without the passphrase
 * (VersionedCheckpoint and CheckpointV3 in `sdk/go/common/apitype/core.go`).
 */
export interface Checkpoint {
  /** `organization/PROJECT/STACK`. */
  readonly stack: string;
  /** Absent for a stack that has been created and never saved. */
  readonly deployment?: Deployment;
}

/** The part of a state file that `stack export` shows. */
export interface Deployment {
  /** RFC 3339: when it was written. */
  readonly time: string;
  /** The salt of the passphrase its secrets are encrypted with; absent: it holds no secrets. */
  readonly salt?: string;
  /** Still encoded. */
  readonly resources: readonly unknown[];
  readonly pendingOperations: readonly unknown[];
  /** As it stands in the file, for `stack export`. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** What this engine does not interpret and writes back: metadata, extensions. */
  readonly other: Readonly<Record<string, unknown>>;
}

/** Parses a state file. Fails on text that is cut short, of another format version, or of another shape. */
export function parseCheckpoint(text: string): Checkpoint {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = text.trim() === "" ? "it is empty" : error instanceof Error ? error.message : "";
    throw new Fault(`it is no complete JSON (${reason}); it has probably been cut short`, { cause: error });
  }
  const file = record(json, "the file");
  checkVersion(file.version, file.features);
  const checkpoint = record(file.checkpoint, '"checkpoint"');
  if (typeof checkpoint.stack !== "string") throw new Fault('"checkpoint.stack" is missing');
  if (checkpoint.latest === undefined || checkpoint.latest === null) return { stack: checkpoint.stack };
  return { stack: checkpoint.stack, deployment: parseDeployment(checkpoint.latest) };
}

/** Parses the `deployment` of an export, or `checkpoint.latest` of a state file. */
export function parseDeployment(json: unknown): Deployment {
  const raw = record(json, "the deployment");
  const { manifest, secrets_providers: provider, resources, pending_operations: pending, ...other } = raw;
  if (other.snippets !== undefined) {
    throw new Fault("the state holds snippets, which are not in the embedded engine; install Pulumi");
  }
  // An export made by hand may have none.
  const { time } = manifest === undefined ? {} : record(manifest, '"manifest"');
  const salt = parseSecretsProvider(provider);
  return {
    time: typeof time === "string" ? time : "",
    ...(salt === undefined ? {} : { salt }),
    resources: list(resources, '"resources"'),
    pendingOperations: list(pending, '"pending_operations"'),
    raw,
    other,
  };
}

/** Checks the format version of a state file or an export. */
export function checkVersion(version: unknown, features: unknown): void {
  const needs = Array.isArray(features) ? features.map(String) : [];
  if (version === VERSION || (version === 4 && needs.length === 0)) return;
  if (version === 4) {
    throw new Fault(
      `it needs support for features that are not in the embedded engine: ${needs.join(", ")}; install Pulumi`,
    );
  }
  if (typeof version !== "number") throw new Fault('its format version ("version") is missing');
  if (version > VERSION) {
    throw new Fault(
      `it is newer than what the embedded engine understands: format version ${version}, it takes ${VERSION}; install Pulumi`,
    );
  }
  throw new Fault(
    `it is too old for the embedded engine: format version ${version}, it takes ${VERSION}; run \`pulumi up\` with the Pulumi CLI once`,
  );
}

export function decodeSnapshot(deployment: Deployment, secrets: SecretText): Snapshot {
  return {
    resources: deployment.resources.map((item) => decodeResource(item, secrets)),
    pendingOperations: deployment.pendingOperations.map((item) => decodeOperation(item, secrets)),
  };
}

function decodeOperation(json: unknown, secrets: SecretText): PendingOperation {
  const { type, resource } = record(json, "a pending operation");
  if (typeof type !== "string" || !OPERATIONS.includes(type)) {
    throw new Fault(`pending operation "${String(type)}" is unknown; it takes: ${OPERATIONS.join(", ")}`);
  }
  return { type: type as OperationType, resource: decodeResource(resource, secrets) };
}

export interface CheckpointParts {
  readonly stack: string;
  readonly snapshot: Snapshot;
  readonly salt: string | undefined;
  readonly other: Readonly<Record<string, unknown>>;
  /** RFC 3339. */
  readonly time: string;
}

/** Writes snapshots as state files; a resource that is the same object as at the last time is not encoded again. */
export class CheckpointWriter {
  private readonly encoded = new WeakMap<ResourceState, string>();

  constructor(private readonly secrets: SecretText) {}

  write(parts: CheckpointParts): string {
    const checkpoint = goStruct([
      ["stack", goString(parts.stack)],
      ["latest", this.writeDeployment(parts)],
    ]);
    return goStruct([
      ["version", String(VERSION)],
      ["checkpoint", checkpoint],
    ]);
  }

  private writeDeployment({ snapshot, salt, other, time }: CheckpointParts): string {
    const manifest = goStruct([
      ["time", goString(time)],
      ["magic", '""'],
      ["version", '""'],
    ]);
    const fields: [string, string][] = [["manifest", manifest]];
    if (salt !== undefined) fields.push(["secrets_providers", writeSecretsProvider(salt)]);
    const { resources, pendingOperations } = snapshot;
    if (resources.length > 0) {
      fields.push(["resources", goList(resources.map((resource) => this.resource(resource)))]);
    }
    if (pendingOperations.length > 0) {
      fields.push([
        "pending_operations",
        goList(pendingOperations.map((operation) => this.operation(operation))),
      ]);
    }
    const { metadata = {}, ...rest } = other;
    fields.push(["metadata", goValue(metadata)]);
    for (const [name, value] of Object.entries(rest)) fields.push([name, goValue(value)]);
    return goStruct(fields);
  }

  private resource(resource: ResourceState): string {
    const known = this.encoded.get(resource);
    if (known !== undefined) return known;
    const text = encodeResource(resource, this.secrets);
    this.encoded.set(resource, text);
    return text;
  }

  private operation({ type, resource }: PendingOperation): string {
    return goStruct([
      ["resource", this.resource(resource)],
      ["type", goString(type)],
    ]);
  }
}

function parseSecretsProvider(json: unknown): string | undefined {
  if (json === undefined || json === null) return undefined;
  const { type, state } = record(json, '"secrets_providers"');
  if (type === "" || type === undefined) return undefined;
  if (type !== "passphrase") {
    throw new Fault(
      `its secrets are encrypted by ${JSON.stringify(type)}, which is not in the embedded engine (it takes: passphrase); install Pulumi`,
    );
  }
  const { salt } = record(state, '"secrets_providers.state"');
  if (typeof salt !== "string") throw new Fault('"secrets_providers.state.salt" is missing');
  return salt;
}

function writeSecretsProvider(salt: string): string {
  return goStruct([
    ["type", '"passphrase"'],
    ["state", goMap([["salt", goString(salt)]])],
  ]);
}

function record(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw new Fault(`${what} is not an object`);
}

function list(json: unknown, what: string): readonly unknown[] {
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json;
  throw new Fault(`${what} is not a list`);
}
