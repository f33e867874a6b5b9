import type Docker from "dockerode";
import type { PropertyMap } from "../../values/value";
import type { ProviderFunction } from "../provider";
import { addressPools, inspectNetwork } from "./network";

/** `docker.getNetwork({ name })`: what Docker knows of a network that something else has made. */
export function getNetwork(docker: Docker): ProviderFunction {
  return async (args) => {
    const unknownArguments = Object.keys(args).filter((name) => name !== "name" && name !== "id");
    const failures = unknownArguments.map((property) => ({ property, reason: 'is not known; "name" is' }));
    const name = args["name"];
    if (typeof name !== "string" || name === "") failures.push({ property: "name", reason: "is required" });
    if (failures.length > 0 || typeof name !== "string") return { result: {}, failures };

    const found = await inspectNetwork(docker, name);
    if (found === undefined) throw new Error(`Docker has no network ${name}.`);
    return {
      result: {
        containers: Object.entries(found.Containers ?? {})
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([containerId, endpoint]) => ({
            containerId,
            endpointId: endpoint.EndpointID,
            ipv4Address: endpoint.IPv4Address,
            ipv6Address: endpoint.IPv6Address,
            macAddress: endpoint.MacAddress,
            name: endpoint.Name,
          })),
        driver: found.Driver,
        id: found.Id,
        internal: found.Internal,
        ipamConfigs: addressPools(found).map((pool) => {
          const { subnet, gateway, ip_range, aux_address } = pool as PropertyMap;
          return {
            auxAddress: aux_address ?? {},
            gateway: gateway ?? "",
            ipRange: ip_range ?? "",
            subnet: subnet ?? "",
          };
        }),
        name: found.Name,
        options: found.Options ?? {},
        scope: found.Scope,
      },
    };
  };
}
