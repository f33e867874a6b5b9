import type Docker from "dockerode";
import type { PropertyMap, Value } from "../../values/value";
import type { Bridged } from "./bridge/resource";
import { explained, dockerMessage, isNotFound } from "./docker-error";
import { removeHalfMadeNetwork } from "./half-made";
import { labelFields, labelMap, labelPairs } from "./labels";
import { getBool, getMap, getObjects, getString } from "./terraform/read";
import {
  bool,
  computed,
  forceNew,
  map,
  optional,
  required,
  set,
  string,
  type Fields,
} from "./terraform/schema";
import { until } from "./wait";

const addressFields: Fields = {
  aux_address: map("auxAddress", optional, forceNew),
  gateway: string("gateway", optional, forceNew),
  ip_range: string("ipRange", optional, forceNew),
  subnet: string("subnet", optional, forceNew),
};

/** `docker_network` of terraform-provider-docker. */
export const networkFields: Fields = {
  attachable: bool("attachable", optional, forceNew),
  driver: string("driver", optional, computed, forceNew),
  ingress: bool("ingress", optional, forceNew),
  internal: bool("internal", optional, computed, forceNew),
  ipam_config: set("ipamConfigs", optional, computed, forceNew, { fields: addressFields }),
  ipam_driver: string("ipamDriver", optional, forceNew, { default: "default" }),
  ipam_options: map("ipamOptions", optional, forceNew),
  ipv6: bool("ipv6", optional, forceNew),
  labels: set("labels", optional, forceNew, { fields: labelFields }),
  name: string("name", required, forceNew),
  options: map("options", optional, computed, forceNew),
  scope: string("scope", computed),
};

/** Seconds that a network's last endpoints may take to leave. */
const leavingTime = 30;

export function network(docker: Docker): Bridged {
  return {
    fields: networkFields,
    schemaVersion: 1,
    autonamed: true,
    deleteBeforeReplace: false,

    async create(state) {
      const name = getString(state, "name");
      const addresses = getObjects(state, "ipam_config").map((config) => ({
        Subnet: getString(config, "subnet"),
        IPRange: getString(config, "ip_range"),
        Gateway: getString(config, "gateway"),
        AuxiliaryAddresses: getMap(config, "aux_address"),
      }));
      try {
        const created = await docker.createNetwork({
          Name: name,
          CheckDuplicate: true,
          Driver: getString(state, "driver") || "bridge",
          Internal: getBool(state, "internal"),
          Attachable: getBool(state, "attachable"),
          Ingress: getBool(state, "ingress"),
          EnableIPv6: getBool(state, "ipv6"),
          Labels: labelMap(getObjects(state, "labels")),
          Options: getMap(state, "options"),
          IPAM: {
            Driver: getString(state, "ipam_driver"),
            Options: getMap(state, "ipam_options"),
            Config: addresses.map(withoutEmpty),
          },
        });
        return { id: created.id };
      } catch (error) {
        throw explained(`The network ${name} could not be made`, error);
      }
    },

    recover: (state, knownIds) => removeHalfMadeNetwork(docker, state, knownIds),

    async read(id) {
      const found = await inspectNetwork(docker, id);
      if (found === undefined) return undefined;
      return {
        name: found.Name,
        labels: labelPairs(found.Labels),
        driver: found.Driver,
        internal: found.Internal,
        attachable: found.Attachable,
        ingress: found.Ingress,
        ipv6: found.EnableIPv6,
        ipam_driver: found.IPAM?.Driver ?? "",
        ipam_options: found.IPAM?.Options ?? {},
        scope: found.Scope,
        options: found.Options ?? {},
        ipam_config: addressPools(found),
      };
    },

    async delete(id, _state, { signal }) {
      let reason = "";
      const gone = await until(
        async () => {
          try {
            await docker.getNetwork(id).remove();
            return true;
          } catch (error) {
            if (isNotFound(error)) return true;
            reason = dockerMessage(error);
            if (!reason.includes("has active endpoints"))
              throw explained(`The network could not be removed`, error);
            return false;
          }
        },
        leavingTime,
        signal,
      );
      if (!gone) throw new Error(`The network still has containers in it after ${leavingTime} s: ${reason}`);
    },
  };
}

export async function inspectNetwork(
  docker: Docker,
  id: string,
): Promise<Docker.NetworkInspectInfo | undefined> {
  try {
    return await docker.getNetwork(id).inspect();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw explained(`The network ${id} could not be looked at`, error);
  }
}

/** A network's address pools, by Terraform's names; empty texts where Docker has none. */
export function addressPools(found: Docker.NetworkInspectInfo): readonly Value[] {
  return (found.IPAM?.Config ?? []).map((pool): PropertyMap => {
    const { Subnet, IPRange, Gateway, AuxiliaryAddresses } = pool as Partial<Record<string, string>> & {
      AuxiliaryAddresses?: Record<string, string>;
    };
    return {
      subnet: Subnet ?? "",
      ip_range: IPRange ?? "",
      gateway: Gateway ?? "",
      aux_address: AuxiliaryAddresses ?? {},
    };
  });
}

function withoutEmpty(config: Record<string, string | Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== "")) as Record<
    string,
    string
  >;
}
