import { randomBytes } from "node:crypto";
import { unknown, type PropertyMap } from "../../values/value";
import type { CheckFailure, OperationContext, ResourceType } from "../provider";
import { shapeFaults, type Shape } from "../shape";
import type { Captured } from "./captured";
import { inputDiff } from "./input-diff";
import { text } from "./inputs";

/** Runs one command with the resource's inputs, and what the last one printed. */
export type Run = (
  command: string,
  inputs: PropertyMap,
  previous: Captured,
  context: OperationContext,
) => Promise<Captured>;

/** What commands on this machine and on another have in common. */
export const lifecycleShape: Shape = {
  create: { kind: "text" },
  delete: { kind: "text" },
  triggers: { kind: "list" },
  update: { kind: "text" },
};

/** What is particular to where the commands run. */
export interface Place {
  readonly shape: Shape;
  readonly run: Run;
  /** What the shape cannot tell of the inputs. */
  readonly faults?: (inputs: PropertyMap) => readonly CheckFailure[];
  /** Inputs or outputs with what the plugin makes secret by itself. */
  readonly secretly?: (properties: PropertyMap) => PropertyMap;
}

/**
 * A command for each of create, update and delete. Any change of `triggers` replaces the resource, with or without
 * `update`; any other change runs `update`, or `create` where there is no `update`.
 */
export function commandResource({ shape, run, faults, secretly = (all) => all }: Place): ResourceType {
  /** Without a command there is nothing to run, and what was printed last stays. */
  const perform: (command: string | undefined, ...rest: Tail<Parameters<Run>>) => Promise<Captured> = (
    command,
    inputs,
    previous,
    context,
  ) => (command === undefined ? Promise.resolve(previous) : run(command, inputs, previous, context));

  return {
    keepsSecretElements: true,

    check: ({ news }) =>
      Promise.resolve({
        inputs: secretly(news),
        failures: [...shapeFaults(shape, news), ...(faults?.(news) ?? [])],
      }),

    diff: ({ oldInputs, news }) => Promise.resolve(inputDiff(oldInputs, news, ["triggers"])),

    create: async (request) => {
      const { inputs, preview, urn } = request;
      // The real plugin draws one in a preview, too, and what depends on it sees that one.
      const id = `${urn.slice(urn.lastIndexOf("::") + 2)}${randomBytes(4).toString("hex")}`;
      const printed = preview ? notYet : await perform(text(inputs, "create"), inputs, none, request);
      return { id, outputs: { ...secretly(inputs), ...printed } };
    },

    update: async (request) => {
      const { inputs, oldOutputs, preview } = request;
      const command = text(inputs, "update") ?? text(inputs, "create");
      const printed = preview ? notYet : await perform(command, inputs, captured(oldOutputs), request);
      return { ...secretly(inputs), ...printed };
    },

    delete: async (request) => {
      await perform(text(request.outputs, "delete"), request.outputs, captured(request.outputs), request);
    },

    recoverCreate: ({ inputs }) =>
      Promise.resolve(
        text(inputs, "create") === undefined ? undefined : "its command may have run in part, and runs again",
      ),

    // There is nothing to look at: what a command has done, only its author knows.
    read: ({ id, inputs, outputs }) =>
      Promise.resolve({ id, inputs: secretly(inputs), outputs: secretly(outputs) }),
  };
}

type Tail<List extends unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

const none: Captured = { stdout: "", stderr: "" };
const notYet = { stdout: unknown, stderr: unknown };

function captured(outputs: PropertyMap): Captured {
  return { stdout: text(outputs, "stdout") ?? "", stderr: text(outputs, "stderr") ?? "" };
}
