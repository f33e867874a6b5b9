import { provider as command } from "./command";
import { provider as docker } from "./docker";
import type { Provider } from "./provider";
import { provider as random } from "./random";
import { provider as tls } from "./tls";

/** Every plugin of the engine by name: the closed list. */
export const providers: Readonly<Record<string, Provider>> = { command, docker, random, tls };
