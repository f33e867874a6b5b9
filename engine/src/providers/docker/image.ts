import type Docker from "dockerode";
import { dockerMessage, explained, isNotFound } from "./docker-error";

/** What an image is called and known by on its Docker host. */
export interface LocalImage {
  readonly id: string;
  readonly repoDigests: readonly string[];
}

/** The image of that name, tag, digest or id on the Docker host; `undefined`: there is none. */
export async function localImage(docker: Docker, name: string): Promise<LocalImage | undefined> {
  try {
    const found = await docker.getImage(name).inspect();
    return { id: found.Id, repoDigests: found.RepoDigests };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw explained(`The image ${name} could not be looked at`, error);
  }
}

/** The image, pulled when the Docker host does not have it. `purpose` begins the error when that fails. */
export async function findImage(
  docker: Docker,
  name: string,
  platform: string,
  purpose: string,
): Promise<LocalImage> {
  const found = await localImage(docker, name);
  if (found !== undefined) return found;
  if (name.startsWith("sha256:")) throw new Error(`${purpose}: the Docker host has no image ${name}.`);
  let reason: string;
  try {
    await pull(docker, name, platform);
    const pulled = await localImage(docker, name);
    if (pulled !== undefined) return pulled;
    reason = "it is not there after the pull";
  } catch (error) {
    reason = dockerMessage(error);
  }
  throw new Error(`${purpose}: the Docker host has no image ${name}, and it could not be pulled: ${reason}`);
}

async function pull(docker: Docker, name: string, platform: string): Promise<void> {
  const tagged = /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
  const progress = await docker.pull(tagged, platform === "" ? {} : { platform });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
