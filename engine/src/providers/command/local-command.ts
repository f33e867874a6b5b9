import { randomBytes } from "node:crypto";
import { unknown, type PropertyMap } from "../../values/value";
import type { OperationContext, ResourceType } from "../provider";
import { shapeFaults, type Shape } from "../shape";
import { inputDiff } from "./input-diff";
import { execute, type Captured } from "./execute";
import { commonShape, text } from "./inputs";

const shape: Shape = {
  ...commonShape,
  create: { kind: "text" },
  delete: { kind: "text" },
  triggers: { kind: "list" },
  update: { kind: "text" },
};

/**
 * `command:local:Command`: a command for each of create, update and delete. Any change of `triggers` replaces it, with
 * or without `update`; any other change runs `update`, or `create` where there is no `update`.
 */
export const localCommand: ResourceType = {
  check: ({ news }) => Promise.resolve({ inputs: news, failures: shapeFaults(shape, news) }),

  diff: ({ oldInputs, news }) => Promise.resolve(inputDiff(oldInputs, news, ["triggers"])),

  create: async (request) => {
    const { inputs, preview, urn } = request;
    if (preview) return { outputs: { ...inputs, stdout: unknown, stderr: unknown } };
    const captured = await perform(text(inputs, "create"), inputs, none, request);
    return {
      id: `${urn.slice(urn.lastIndexOf("::") + 2)}${randomBytes(4).toString("hex")}`,
      outputs: { ...inputs, ...captured },
    };
  },

  update: async (request) => {
    const { inputs, oldOutputs, preview } = request;
    if (preview) return { ...inputs, stdout: unknown, stderr: unknown };
    const command = text(inputs, "update") ?? text(inputs, "create");
    return { ...inputs, ...(await perform(command, inputs, captured(oldOutputs), request)) };
  },

  delete: async (request) => {
    await perform(text(request.outputs, "delete"), request.outputs, captured(request.outputs), request);
  },

  // There is nothing to look at: what a command has done, only its author knows.
  read: ({ id, inputs, outputs }) => Promise.resolve({ id, inputs, outputs }),
};

const none: Captured = { stdout: "", stderr: "" };

function captured(outputs: PropertyMap): Captured {
  return { stdout: text(outputs, "stdout") ?? "", stderr: text(outputs, "stderr") ?? "" };
}

/** Without a command there is nothing to run, and what was printed last stays. */
async function perform(
  command: string | undefined,
  inputs: PropertyMap,
  previous: Captured,
  context: OperationContext,
): Promise<Captured> {
  return command === undefined ? previous : execute(command, inputs, previous, context);
}
