import * as pulumi from "@pulumi/pulumi";
import { parseSettings, type Settings } from "../../components/settings/settings";

/** The least that is needed; as a test would write it, not as Pulumi hands it over. */
export const minimal = { hostname: "registry.example.com", users: [{ name: "ci", access: "push" }] };

/** As Pulumi does: text as it stands, everything else as JSON. */
export function config(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        `private-registry:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}

export function parse(values: Readonly<Record<string, unknown>> = {}, now?: Date): Settings {
  return parseSettings(config({ ...minimal, ...values }), now);
}

/** The faults, a line each, of settings that must be refused. */
export function faults(values: Readonly<Record<string, unknown>>, now?: Date): string[] {
  try {
    parse(values, now);
  } catch (error) {
    if (!pulumi.RunError.isInstance(error)) throw error;
    return error.message
      .split("\n")
      .filter((line) => line.startsWith("  - "))
      .map((line) => line.slice(4));
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
}
