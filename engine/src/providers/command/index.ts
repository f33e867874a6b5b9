import type { Provider } from "../provider";
import { localCommand } from "./local-command";
import { localRun } from "./local-run";
import { remoteCommand } from "./remote-command";

/** Which go-provider library the real plugin is built with: it says so in its provider resource. */
const LIBRARY_VERSION = "v1.5.0";

/** Commands on this machine and by SSH on others, as Pulumi's command plugin 1.2.1 has them. */
export const provider: Provider = {
  name: "command",
  version: "1.2.1",
  checkConfig: (inputs) => ({
    inputs: { ...inputs, "__pulumi-go-provider-version": LIBRARY_VERSION },
    failures: Object.keys(inputs)
      .filter((name) => name !== "version" && !name.startsWith("__"))
      .map((property) => ({ property, reason: "is not an option of the command provider" })),
  }),
  configure: () => ({
    resources: { "command:local:Command": localCommand, "command:remote:Command": remoteCommand },
    functions: { "command:local:run": localRun },
  }),
};
