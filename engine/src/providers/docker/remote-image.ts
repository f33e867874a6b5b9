import type Docker from "dockerode";
import type { Bridged } from "./bridge/resource";
import { explained } from "./docker-error";
import { findImage, localImage } from "./image";
import { getBool, getString } from "./terraform/read";
import {
  bool,
  computed,
  forceNew,
  left,
  map,
  optional,
  required,
  set,
  string,
  type Fields,
} from "./terraform/schema";

/** `docker_image` of terraform-provider-docker. */
export const remoteImageFields: Fields = {
  build: set("build", optional, left, { single: true, fields: {} }),
  force_remove: bool("forceRemove", optional),
  image_id: string("imageId", computed),
  keep_locally: bool("keepLocally", optional),
  name: string("name", required, forceNew),
  platform: string("platform", optional, forceNew, { default: "" }),
  pull_triggers: set("pullTriggers", optional, forceNew),
  repo_digest: string("repoDigest", computed),
  triggers: map("triggers", optional, forceNew),
};

const twentyMinutes = 1200;

export function remoteImage(docker: Docker): Bridged {
  const find = async (name: string, platform: string): Promise<string> =>
    (await findImage(docker, name, platform, `The image ${name} cannot be had`)).id;
  return {
    fields: remoteImageFields,
    schemaVersion: 0,
    timeouts: { create: twentyMinutes, delete: twentyMinutes, update: twentyMinutes },
    autonamed: false,
    deleteBeforeReplace: false,

    async create(state) {
      const name = getString(state, "name");
      return { id: `${await find(name, getString(state, "platform"))}${name}` };
    },

    async read(_id, state) {
      const name = getString(state, "name");
      // Known by its id alone (`RemoteImage.get`): the plugin looks for it by name all the same, and finds none.
      if (name === "") return undefined;
      const found = await localImage(docker, name);
      return (
        found && {
          id: `${found.id}${name}`,
          image_id: found.id,
          repo_digest: repoDigest(name, found.repoDigests),
        }
      );
    },

    async update(_id, _before, after) {
      await find(getString(after, "name"), getString(after, "platform"));
    },

    async delete(_id, state) {
      const name = getString(state, "name");
      if (getBool(state, "keep_locally") || (await localImage(docker, name)) === undefined) return;
      try {
        await docker.getImage(name).remove({ force: getBool(state, "force_remove") });
      } catch (error) {
        throw explained(`The image ${name} could not be removed`, error);
      }
    },
  };
}

/** The digest under which the image's repository has it; of several, the one of this name (as the provider does). */
function repoDigest(name: string, digests: readonly string[]): string {
  const colon = name.indexOf(":");
  const repository = colon < 0 ? name : name.slice(0, colon);
  return digests.find((digest) => digest.startsWith(repository)) ?? digests[0] ?? "";
}
