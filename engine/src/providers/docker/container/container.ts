import type Docker from "dockerode";
import type { PropertyMap } from "../../../values/value";
import type { Bridged } from "../bridge/resource";
import { dockerMessage, explained, isNotFound, isNotModified } from "../docker-error";
import { removeHalfMadeContainer } from "../half-made";
import { findImage } from "../image";
import { getBool, getNumber, getObjects, getString } from "../terraform/read";
import { equal } from "../terraform/values";
import { containerFields } from "./fields";
import { inspected } from "./inspect";
import { createOptions, endpoint, updateOptions } from "./options";
import { containerProblems } from "./problems";
import { awaitStarted } from "./start";
import { uploadArchive } from "./uploads";

/** What the provider hands to Docker's update; every other change in place is only recorded. */
const updatable = [
  "restart",
  "max_retry_count",
  "cpu_shares",
  "memory",
  "memory_reservation",
  "cpu_set",
  "memory_swap",
];

const twentyMinutes = 1200;

export function container(docker: Docker): Bridged {
  return {
    fields: containerFields,
    schemaVersion: 2,
    timeouts: { create: twentyMinutes, delete: twentyMinutes, update: twentyMinutes },
    autonamed: true,
    deleteBeforeReplace: true,
    problems: containerProblems,

    async create(state, { signal }) {
      const name = getString(state, "name");
      const id = await make(docker, state);
      try {
        await join(docker, id, state);
        for (const upload of getObjects(state, "upload")) {
          await docker.getContainer(id).putArchive(await uploadArchive(upload), { path: "/" });
        }
        if (!getBool(state, "start")) return { id };
        await start(docker, id);
      } catch (error) {
        // Nothing of it has run: it must not stay and take the name from the next attempt.
        await docker
          .getContainer(id)
          .remove({ force: true, v: true })
          .catch(() => undefined);
        throw explained(`The container ${name} could not be started`, error);
      }
      // Whatever ends the waiting: the container is there, and must be recorded.
      const fault = await awaitStarted(docker, id, state, signal).catch(dockerMessage);
      return fault === undefined ? { id } : { id, fault };
    },

    recover: (state, knownIds) => removeHalfMadeContainer(docker, state, knownIds),

    async read(id, state) {
      try {
        return inspected(await docker.getContainer(id).inspect(), state);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw explained(`The container ${getString(state, "name")} could not be looked at`, error);
      }
    },

    async update(id, before, after, { signal }) {
      const name = getString(after, "name");
      const differs = (field: string): boolean => !equal(before[field] ?? null, after[field] ?? null);
      try {
        if (!getBool(before, "must_run") && getBool(after, "must_run") && getBool(after, "start")) {
          await start(docker, id);
        }
        if (updatable.some(differs)) await docker.getContainer(id).update(updateOptions(after));
      } catch (error) {
        throw explained(`The container ${name} could not be changed`, error);
      }
      // Nothing to change means that the last run ended before the container was up: see whether it is now.
      const retried = !Object.keys(containerFields).some(differs);
      if ((retried || differs("must_run")) && getBool(after, "must_run") && getBool(after, "start")) {
        const fault = await awaitStarted(docker, id, after, signal);
        if (fault !== undefined) throw new Error(fault);
      }
    },

    async delete(id, state) {
      const found = docker.getContainer(id);
      try {
        await found
          .stop({ t: Math.max(0, getNumber(state, "destroy_grace_seconds")) })
          .catch((error: unknown) => {
            if (!isNotFound(error) && !isNotModified(error)) throw error;
          });
        await found.remove({ force: true, v: getBool(state, "remove_volumes") });
      } catch (error) {
        if (isNotFound(error) || dockerMessage(error).includes("is already in progress")) return;
        throw explained(`The container ${getString(state, "name")} could not be removed`, error);
      }
    },
  };
}

async function make(docker: Docker, state: PropertyMap): Promise<string> {
  const name = getString(state, "name");
  const image = getString(state, "image");
  await findImage(docker, image, "", `The container ${name} could not be made`);
  try {
    return (await docker.createContainer(createOptions(state))).id;
  } catch (error) {
    throw explained(`The container ${name} could not be made`, error);
  }
}

/** Named networks take the place of the default one. */
async function join(docker: Docker, id: string, state: PropertyMap): Promise<void> {
  const networks = getObjects(state, "networks_advanced");
  if (networks.length === 0) return;
  try {
    await docker.getNetwork("bridge").disconnect({ Container: id });
  } catch (error) {
    if (!dockerMessage(error).includes("is not connected to the network bridge")) throw error;
  }
  for (const network of networks) {
    const found = docker.getNetwork(getString(network, "name"));
    await found.connect({ Container: id, EndpointConfig: endpoint(network) });
  }
}

async function start(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).start();
  } catch (error) {
    if (!isNotModified(error)) throw error;
  }
}
