import * as net from "node:net";
import { docker } from "./docker-cli";

/**
 * The address of Docker's own bridge: this machine and its containers reach it, nobody else does.
 *
 * @throws Error with what to do, where the engine has no bridge.
 */
export async function bridgeAddress(uri: string): Promise<string> {
  const configs = await docker(uri, "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}");
  const found = (JSON.parse(configs) as { Subnet: string; Gateway?: string }[] | null) ?? [];
  const ipv4 = found.find(({ Subnet }) => net.isIPv4(Subnet.replace(/\/.*/, "")));
  // An engine that has made its bridge itself tells the address only after its next start. It takes the first.
  const address =
    ipv4?.Gateway ?? ipv4?.Subnet.replace(/\d+\/.*/, (end) => String(Number.parseInt(end, 10) + 1));
  if (address === undefined) {
    throw new Error(
      "The Docker host has no bridge network: private-registry:bindAddress takes an IP address of it there.",
    );
  }
  return address;
}
