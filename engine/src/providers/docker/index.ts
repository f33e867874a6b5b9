import type { Provider } from "../provider";
import { bridged } from "./bridge/resource";
import { connect, connectionFaults } from "./connection";
import { container } from "./container/container";
import { getNetwork } from "./get-network";
import { network } from "./network";
import { remoteImage } from "./remote-image";
import { volume } from "./volume";

/** Containers, networks, volumes and images of one Docker engine, as Pulumi's docker plugin 5.2.0 has them. */
export const provider: Provider = {
  name: "docker",
  version: "5.2.0",

  checkConfig: (inputs) => ({ inputs, failures: connectionFaults(inputs) }),

  configure(inputs) {
    const docker = connect(inputs);
    return {
      resources: {
        "docker:index/container:Container": bridged(container(docker)),
        "docker:index/network:Network": bridged(network(docker)),
        "docker:index/remoteImage:RemoteImage": bridged(remoteImage(docker)),
        "docker:index/volume:Volume": bridged(volume(docker)),
      },
      functions: { "docker:index/getNetwork:getNetwork": getNetwork(docker) },
    };
  },
};
