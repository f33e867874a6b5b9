import type Docker from "dockerode";
import type { Bridged } from "./bridge/resource";
import { dockerMessage, explained, isNotFound } from "./docker-error";
import { removeHalfMadeVolume } from "./half-made";
import { labelFields, labelMap, labelPairs } from "./labels";
import { getMap, getObjects, getString } from "./terraform/read";
import { computed, forceNew, left, list, map, optional, set, string, type Fields } from "./terraform/schema";
import { until } from "./wait";

/** `docker_volume` of terraform-provider-docker. */
export const volumeFields: Fields = {
  cluster: list("cluster", optional, left, { single: true, fields: {} }),
  driver: string("driver", optional, computed, forceNew),
  driver_opts: map("driverOpts", optional, forceNew),
  labels: set("labels", optional, forceNew, { fields: labelFields }),
  mountpoint: string("mountpoint", computed),
  name: string("name", optional, computed, forceNew),
};

/** Seconds that a volume's last containers may take to leave. */
const leavingTime = 30;

export function volume(docker: Docker): Bridged {
  return {
    fields: volumeFields,
    schemaVersion: 1,
    autonamed: true,
    deleteBeforeReplace: false,

    async create(state) {
      const name = getString(state, "name");
      try {
        const created = await docker.createVolume({
          Name: name,
          Driver: getString(state, "driver") || "local",
          DriverOpts: getMap(state, "driver_opts"),
          Labels: labelMap(getObjects(state, "labels")),
        });
        return { id: created.name };
      } catch (error) {
        throw explained(`The volume ${name} could not be made`, error);
      }
    },

    recover: (state, knownIds, nameIsGenerated) =>
      nameIsGenerated
        ? removeHalfMadeVolume(docker, getString(state, "name"), knownIds)
        : Promise.resolve(undefined),

    async read(id) {
      try {
        const found = await docker.getVolume(id).inspect();
        return {
          name: found.Name,
          labels: labelPairs(found.Labels),
          driver: found.Driver,
          // Docker says null where a volume has none.
          driver_opts: { ...found.Options },
          mountpoint: found.Mountpoint,
        };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw explained(`The volume ${id} could not be looked at`, error);
      }
    },

    async delete(id, _state, { signal }) {
      let reason = "";
      const gone = await until(
        async () => {
          try {
            await docker.getVolume(id).remove({ force: true });
            return true;
          } catch (error) {
            if (isNotFound(error)) return true;
            reason = dockerMessage(error);
            if (!reason.includes("volume is in use"))
              throw explained(`The volume ${id} could not be removed`, error);
            return false;
          }
        },
        leavingTime,
        signal,
      );
      if (!gone) throw new Error(`The volume ${id} is still in use after ${leavingTime} s: ${reason}.`);
    },
  };
}
