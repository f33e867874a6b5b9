// The stack's settings for the scripts behind `make`, by the program's own schema, before there is anything to ask
// Pulumi. What is encrypted stays so: it counts as not set, and a chain whose key is encrypted is left to the program.
//
//   settings.ts STACK   prints as assignments in sh: docker_host, image_mode, registry_image, gateway_image, data_path.
//                       Where something is wrong: every fault on stderr, exit code 1
import * as fs from "node:fs";
import * as yaml from "yaml";
import { report } from "../components/settings/faults";
import { parseConfig } from "../components/settings/parse";
import type { Settings } from "../components/settings/schema";

/** A fault of the settings, in lines for a person. */
export class SettingsError extends Error {}

/** Reads `Pulumi.STACK.yaml`. Throws SettingsError with every fault at once. */
export function settingsOf(stack: string): Settings {
  const file = `Pulumi.${stack}.yaml`;
  const document = yaml.parseDocument(fs.readFileSync(file, "utf8"));
  const [error] = document.errors;
  if (error !== undefined) throw new SettingsError(`${file}: ${error.message}`);
  const given = (document.toJS() as { config?: unknown } | null)?.config ?? {};
  if (typeof given !== "object")
    throw new SettingsError(`${file}: config takes a map; found ${typeof given}`);
  const { settings, faults } = parseConfig(asPulumiTells(given), new Date());
  if (faults.length > 0) throw new SettingsError(report(faults, stack).join("\n"));
  return settings as Settings;
}

/** For DOCKER_HOST: `local` is this machine's socket, whatever the environment or a context of Docker's says. */
export function dockerHostOf({ dockerHost }: Settings): string {
  return dockerHost === "local" ? "unix:///var/run/docker.sock" : dockerHost;
}

/** Values as the program gets them: text as it stands, anything else as JSON. */
function asPulumiTells(config: object): Record<string, string> {
  const entries = Object.entries(config)
    .map(([key, value]) => [key, withoutSecrets(value)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return undefined;
  const open = Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)] as const);
  const keyIsSecret = open.some(([key, inner]) => key === "key" && inner === undefined);
  return Object.fromEntries(open.filter(([key]) => !(keyIsSecret && key === "chain")));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function main(stack: string): void {
  const settings = settingsOf(stack);
  const { images } = settings;
  const variables = {
    docker_host: dockerHostOf(settings),
    image_mode: images.mode,
    registry_image: images.registry ?? "",
    gateway_image: images.gateway ?? "",
    data_path: settings.dataPath.replace("${checkout}", () => process.cwd()),
  };
  for (const [name, value] of Object.entries(variables)) console.log(`${name}=${quoted(value)}`);
}

if (import.meta.filename === fs.realpathSync(process.argv[1] ?? "")) {
  try {
    main(process.argv[2] ?? "");
  } catch (error) {
    console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = 1;
  }
}
