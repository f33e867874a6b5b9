import { commandResource, lifecycleShape } from "./command-resource";
import { outputShape } from "./inputs";
import { remoteExecute } from "./remote-execute";
import { connectionFaults } from "./ssh-settings";

/** `command:remote:Command`: commands on a host reached by SSH. */
export const remoteCommand = commandResource(
  { ...outputShape, ...lifecycleShape, connection: { kind: "map", required: true } },
  remoteExecute,
  connectionFaults,
);
