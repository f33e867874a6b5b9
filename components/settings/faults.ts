import { closest } from "fastest-levenshtein";
import type { z } from "zod";
import { schema } from "./schema";

export const NAMESPACE = "private-registry";

/** Settings whose wrong values must not be repeated in an error. */
const SECRET_SETTINGS = new Set(["password", "key"]);

type Path = readonly PropertyKey[];

/** One fault a line: the path, what is wrong or allowed, what was found in `value`, the setting's own value. */
export function describeIssue(setting: string, issue: z.core.$ZodIssue, value: unknown): string[] {
  const path = [setting, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key));
  const found = valueAt(value, issue.path);
  if (found === undefined) return [`${NAMESPACE}:${format(path)} is missing: ${sentence(issue)}`];
  const secret = path.some((part) => SECRET_SETTINGS.has(String(part)));
  return [`${NAMESPACE}:${format(path)} ${sentence(issue)}${secret ? "" : `; found ${show(issue, found)}`}`];
}

/** The fault of a key nobody knows, with the nearest one that exists at its place. */
export function unknownKey(path: Path, key: string): string {
  const known = keysAt(path);
  const hint =
    known.length > 0 ? `; did you mean ${closest(key, known)}? Known here: ${known.join(", ")}` : "";
  return `${NAMESPACE}:${format([...path, key])} is not a setting${hint}`;
}

/** Messages of the schema begin with a verb; zod's own, for a wrong type, do not. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  return `takes ${KINDS[issue.expected] ?? issue.expected}`;
}

/** zod's names for what it expected, in the words of the documentation. */
const KINDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a map",
  record: "a map",
  string: "text",
};

/** The settings known at `path`, taken from the schema. */
function keysAt(path: Path): string[] {
  let type = unwrap(schema);
  for (const part of path) {
    if ("shape" in type) type = unwrap((type.shape as Record<string, z.ZodType>)[String(part)] ?? type);
    else if ("element" in type) type = unwrap(type.element as z.ZodType);
  }
  return "shape" in type ? Object.keys(type.shape as object) : [];
}

/** The type inside defaults, optionals and conversions. */
function unwrap(type: z.ZodType): z.ZodType {
  const { innerType, out } = type.def as { innerType?: z.ZodType; out?: z.ZodType };
  const inner = innerType ?? out;
  return inner === undefined ? type : unwrap(inner);
}

function format(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    root,
  );
}

/**
 * A single value is repeated where a single value belongs. Of anything else only the kind is told: a list of users
 * that cannot be read, or stands where it should not, may hold passwords.
 */
function show(issue: z.core.$ZodIssue, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (issue.code === "invalid_type" && /^(?:array|object|record)$/.test(issue.expected)) return typeOf(value);
  const text = JSON.stringify(value).replace(/(:\/\/[^/@:]*):[^/@]*@/, "$1:[secret]@");
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function typeOf(value: unknown): string {
  return value === null ? "null" : (KINDS[typeof value] ?? typeof value);
}

/** All faults, in lines for a person, and how to set what is wrong. */
export function report(faults: readonly string[], stack: string): string[] {
  const count = faults.length === 1 ? "1 setting is" : `${faults.length} settings are`;
  return [
    `${count} wrong, so nothing was changed:`,
    ...faults.map((fault) => `  - ${fault}`),
    `Edit Pulumi.${stack}.yaml, or: ./pulumiw config set --stack ${stack} ${NAMESPACE}:KEY VALUE`,
  ];
}
