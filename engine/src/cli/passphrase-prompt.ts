import { readFile } from "node:fs/promises";
import path from "node:path";

import type { PassphraseSource } from "../secrets/passphrase";
import { Fault, messageOf } from "../values/fault";
import { Exit, exitCodes } from "./exit";
import type { Terminal } from "./terminal";

/** The passphrase from the environment or a file it names, as the CLI takes it; else the user is asked. */
export function passphraseSource(env: NodeJS.ProcessEnv, cwd: string, terminal: Terminal): PassphraseSource {
  return async (confirm) => {
    const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
    if (phrase !== undefined) return phrase;
    if (file !== undefined && file !== "") return readPassphraseFile(path.resolve(cwd, file));
    if (!terminal.interactive) {
      throw new Exit(
        exitCodes.error,
        "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      );
    }
    if (confirm) return askForNew(terminal);
    return terminal.askHidden(
      "Enter your passphrase to unlock config/secrets\n" +
        "    (set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to remember)",
    );
  };
}

async function readPassphraseFile(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new Fault(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${messageOf(error)}`, { cause: error });
  }
}

async function askForNew(terminal: Terminal): Promise<string> {
  for (;;) {
    const first = await terminal.askHidden("Enter your passphrase to protect config/secrets");
    if (first === (await terminal.askHidden("Re-enter your passphrase to confirm"))) return first;
    process.stderr.write("error: passphrases do not match\n");
  }
}
