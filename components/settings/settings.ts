import * as pulumi from "@pulumi/pulumi";
import { runError } from "../run-error";
import { report } from "./faults";
import { parseConfig } from "./parse";
import type { Settings } from "./schema";

export type { CertificateSettings, Settings, User } from "./schema";

/**
 * Reads the stack's configuration: the only place of the program that does.
 *
 * @throws pulumi.RunError with every fault at once: the setting's path, what is wrong, what was found, what is
 * allowed.
 */
export function loadSettings(): Settings {
  return parseSettings(pulumi.runtime.allConfig());
}

/** The settings in `config`, Pulumi's own form of them: text by full key. Fails as {@link loadSettings} does. */
export function parseSettings(config: Readonly<Record<string, string>>, now = new Date()): Settings {
  const { settings, faults } = parseConfig(config, now);
  if (faults.length > 0) throw runError(...report(faults, pulumi.getStack()));
  return settings as Settings;
}
