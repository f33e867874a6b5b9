import type { Provider } from "./provider";

/** Every plugin of the engine by name: the closed list. */
export const providers: Readonly<Record<string, Provider>> = {};
