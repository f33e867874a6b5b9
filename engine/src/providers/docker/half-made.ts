import type Docker from "dockerode";
import type { PropertyMap } from "../../values/value";
import { explained, isNotFound } from "./docker-error";
import { labelMap } from "./labels";
import { getObjects, getString } from "./terraform/read";

/**
 * Removes the container that a creation which was cut off has left. It is told by its name and its image, for
 * nobody knows its id; its volumes' data stay.
 */
export async function removeHalfMadeContainer(
  docker: Docker,
  state: PropertyMap,
  knownIds: ReadonlySet<string>,
): Promise<string | undefined> {
  const name = getString(state, "name");
  const byHand = `If it is a leftover, remove it with: docker rm -f ${name}`;
  try {
    const found = await docker.getContainer(name).inspect();
    // Docker also takes the beginning of an id for a name.
    if (found.Name !== `/${name}` || knownIds.has(found.Id)) return undefined;
    if (![found.Config.Image, found.Image].includes(getString(state, "image"))) {
      throw new Error(`The container ${name} runs another image, ${found.Config.Image}`);
    }
    await docker.getContainer(found.Id).remove({ force: true });
    return `removed its half-made container ${name} (${found.Id.slice(0, 12)})`;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    const { message } = explained(`Whether the container ${name} is half made could not be settled`, error);
    throw new Error(`${message} ${byHand}`, { cause: error });
  }
}

/** The same for a network. One with containers in it is not touched: a half-made one has none. */
export async function removeHalfMadeNetwork(
  docker: Docker,
  state: PropertyMap,
  knownIds: ReadonlySet<string>,
): Promise<string | undefined> {
  const name = getString(state, "name");
  const labels = Object.entries(labelMap(getObjects(state, "labels")));
  try {
    // The filter finds parts of names, too; and Docker may hold several networks of one name.
    const networks = await docker.listNetworks({ filters: { name: [name] } });
    const halfMade = networks.filter(
      (found) =>
        found.Name === name &&
        !knownIds.has(found.Id) &&
        labels.every(([label, value]) => found.Labels?.[label] === value),
    );
    for (const { Id } of halfMade) {
      const { Containers: containers = {} } = await docker.getNetwork(Id).inspect();
      const names = Object.values(containers as Record<string, { Name: string }>).map(({ Name }) => Name);
      if (names.length > 0) {
        throw new Error(
          `it has containers of others in it (${names.join(", ")}): docker network disconnect -f ${Id.slice(0, 12)} NAME`,
        );
      }
      await docker.getNetwork(Id).remove();
    }
    const ids = halfMade.map(({ Id }) => Id.slice(0, 12)).join(", ");
    return ids === "" ? undefined : `removed its half-made network ${name} (${ids})`;
  } catch (error) {
    const { message } = explained(`Whether the network ${name} is half made could not be settled`, error);
    throw new Error(`${message} If it is a leftover, remove it with: docker network rm ${name}`, {
      cause: error,
    });
  }
}

/**
 * Removes a volume whose name was generated for a creation that was cut off: nobody else can have made it, and
 * nothing is in it. One with a name of its own needs no such thing: Docker makes a volume of a name only once.
 */
export async function removeHalfMadeVolume(
  docker: Docker,
  name: string,
  knownIds: ReadonlySet<string>,
): Promise<string | undefined> {
  if (knownIds.has(name)) return undefined;
  try {
    await docker.getVolume(name).remove();
    return `removed its volume ${name}, which nothing had used yet`;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    const { message } = explained(`The volume ${name} of a run that was cut off could not be removed`, error);
    throw new Error(`${message} Remove it with: docker volume rm ${name}`, { cause: error });
  }
}
