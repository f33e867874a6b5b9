// Prints docs/reference.md: every setting and output, made from the schema itself.
import { z } from "zod";
import { schema } from "../components/settings/schema";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

function type(of: JsonSchema): string {
  if (of.enum !== undefined) return of.enum.map((value) => `\`${value}\``).join(", ");
  if (of.type === "array")
    return `list of ${of.items?.properties === undefined ? (of.items?.type ?? "values") : "objects"}`;
  return of.type === "integer" ? "whole number" : (of.type ?? "");
}

function initial(of: JsonSchema, required: boolean): string {
  if (of.default !== undefined && typeof of.default !== "object")
    return `\`${JSON.stringify(of.default).replaceAll('"', "")}\``;
  if (Array.isArray(of.default)) return "none";
  return required ? "**required**" : "–";
}

function* rows(of: JsonSchema, path: string): Generator<string> {
  for (const [name, property] of Object.entries(of.properties ?? {})) {
    const full = path === "" ? name : `${path}.${name}`;
    const required = of.required?.includes(name) ?? false;
    yield `| \`${full}\` | ${property.description ?? ""} | ${type(property)} | ${initial(property, required)} |`;
    yield* rows(property.items ?? property, property.items === undefined ? full : `${full}[]`);
  }
}

const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
console.log(`# Settings and outputs

Made from \`components/settings/schema.ts\` by \`make reference\`: do not edit.

## Settings

In \`Pulumi.STACK.yaml\`, under \`config:\`, each with \`private-registry:\` before it. Every fault in them is reported at
once, before anything is changed. A secret is set with \`./pulumiw config set --secret --path\`.

| setting | what | takes | default |
|---|---|---|---|
${[...rows(json, "")].join("\n")}

## Outputs

\`./pulumiw stack output NAME\`; secrets with \`--show-secrets\`.

| output | what |
|---|---|
| \`url\` | \`https://hostname:port\` |
| \`address\` | \`hostname:port\`: what stands before the repository in an image's name |
| \`certificateExpires\` | when the server certificate ends, RFC 3339 |
| \`credentials\` | password by user name; secret |
| \`hosts\` | what is trusted on which host, and how it was proved: by host \`system\`, \`store\`, \`places\`, \`authority\` and \`certificate\` (SHA-256), \`expires\`, \`proof\` |
| \`caCertificate\` | the CA certificate clients trust, PEM |`);
