import { revealAll } from "../../values/value";
import type { ProviderFunction } from "../provider";
import { shapeFaults, type Shape } from "../shape";
import { execute } from "./execute";
import { commonShape } from "./inputs";

const shape: Shape = { ...commonShape, command: { kind: "text", required: true } };

/** `command:local:run`: runs a command at once, in previews too, and returns its inputs and what it printed. */
export const localRun: ProviderFunction = async (args, context) => {
  const inputs = revealAll(args);
  const failures = shapeFaults(shape, inputs);
  const { command } = inputs;
  if (failures.length > 0 || typeof command !== "string") return { result: {}, failures };
  const captured = await execute(command, inputs, {}, context);
  return { result: { ...inputs, ...captured } };
};
