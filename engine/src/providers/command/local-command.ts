import { commandResource, lifecycleShape } from "./command-resource";
import { execute } from "./execute";
import { commonShape } from "./inputs";

/** `command:local:Command`: commands on this machine. */
export const localCommand = commandResource({ shape: { ...commonShape, ...lifecycleShape }, run: execute });
