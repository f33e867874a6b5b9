import { isPropertyMap, Secret, Unknown, type PropertyMap } from "../../values/value";
import { commandResource, lifecycleShape } from "./command-resource";
import { outputShape } from "./inputs";
import { remoteExecute } from "./remote-execute";
import { connectionFaults } from "./ssh-settings";

/** `command:remote:Command`: commands on a host reached by SSH. */
export const remoteCommand = commandResource({
  shape: { ...outputShape, ...lifecycleShape, connection: { kind: "map", required: true } },
  run: remoteExecute,
  faults: connectionFaults,
  secretly,
});

const credentials: readonly string[] = ["password", "privateKey", "privateKeyPassword"];

/** The connection as a whole is secret to the plugin, and in it the credentials again: the state shows both. */
function secretly(properties: PropertyMap): PropertyMap {
  const { connection } = properties;
  if (connection instanceof Unknown) return { ...properties, connection: new Secret(connection) };
  if (!isPropertyMap(connection)) return properties;
  return { ...properties, connection: new Secret(secretCredentials(connection)) };
}

function secretCredentials(endpoint: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(endpoint).map(([name, value]) => {
      if (name === "proxy" && isPropertyMap(value)) return [name, secretCredentials(value)];
      return [name, credentials.includes(name) && value !== null ? new Secret(value) : value];
    }),
  );
}
