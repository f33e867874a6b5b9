import { isList, type Value } from "../../../values/value";
import { equal, member } from "../terraform/values";
import { parseDuration } from "./duration";

/** What is wrong with a value, as a clause; nothing when it is fine. */
type Rule = (value: Value) => string | undefined;

export const atLeast =
  (least: number): Rule =>
  (value) =>
    typeof value === "number" && value < least ? `must be ${least} or more` : undefined;

/** The whole text matches; alternatives are named in the complaint. */
export const matching =
  (pattern: string): Rule =>
  (value) =>
    typeof value !== "string" || new RegExp(`^(${pattern})$`).test(value)
      ? undefined
      : /^[\w-]+(\|[\w-]+)*$/.test(pattern)
        ? `must be one of ${pattern.split("|").join(", ")}`
        : `must match ${pattern}`;

export const absolutePath: Rule = (value) =>
  typeof value === "string" && !/^([a-zA-Z]:[\\/]|\/)/.test(value) ? "must be an absolute path" : undefined;

export const base64: Rule = (value) =>
  typeof value === "string" && Buffer.from(value, "base64").toString("base64") !== value
    ? "must be Base64"
    : undefined;

export const duration: Rule = (value) => {
  const nanoseconds = typeof value === "string" ? parseDuration(value) : 0;
  return nanoseconds === undefined || nanoseconds < 0
    ? 'must be a duration such as "30s" or "1m0s"'
    : undefined;
};

/** Docker's own value stands when a program says "". */
export const keepsWhenEmpty = (before: Value, after: Value): boolean => after === "" || before === after;

/** Two lists of ports are the same when each port of the one is in the other. Source: the provider. */
export function samePorts(before: Value, after: Value): boolean {
  if (!isList(before) || !isList(after) || before.length !== after.length) return false;
  return before.every((old) => {
    const sameInternal = after.filter((port) => equal(member(port, "internal"), member(old, "internal")));
    for (const port of sameInternal) {
      if (!equal(member(port, "protocol"), member(old, "protocol"))) {
        if (sameInternal.some((other) => equal(member(other, "protocol"), member(old, "protocol")))) continue;
        return false;
      }
      return (
        equal(member(port, "external"), member(old, "external")) &&
        equal(member(port, "ip"), member(old, "ip"))
      );
    }
    return false;
  });
}
