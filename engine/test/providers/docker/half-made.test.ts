import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PropertyMap } from "../../../src/values/value";
import { provider } from "../../../src/providers/docker";
import { clearAway, context, docker, dockerAnswers, Driven, image, importBusybox } from "./docker-host";

/** Names of these tests' own: others clear away what begins like theirs. */
const own = `regtest-half-${process.pid}-`;
const container = new Driven("docker:index/container:Container", `${own}made`);
const network = new Driven("docker:index/network:Network", `${own}net`);
const volume = new Driven("docker:index/volume:Volume", `${own}vol`);
const tag = image.replace("busybox", `half-${process.pid}`);

async function recover(
  of: Driven,
  inputs: PropertyMap,
  known: readonly string[] = [],
): Promise<string | undefined> {
  if (of.type.recoverCreate === undefined) throw new Error("nothing recovers it");
  return of.type.recoverCreate({ ...context, urn: of.urn, inputs, knownIds: new Set(known) });
}
const nameOf = ({ name }: PropertyMap): string => (typeof name === "string" ? name : "");
const exists = (kind: string, name: string): boolean =>
  docker(kind, "ls", ...(kind === "container" ? ["-a"] : []), "-q", "--filter", `name=${name}`) !== "";

describe.skipIf(!dockerAnswers())(
  "what a creation that was cut off has left on this machine's Docker (skipped without Docker)",
  () => {
    beforeAll(() => importBusybox(tag), 120_000);
    afterEach(() => clearAway(own));
    afterAll(() => docker("image", "rm", "-f", tag));

    it("a container of the recorded, also generated, name is removed, running or not; its volume stays", async () => {
      const inputs = await container.checked({ image: tag, command: ["/bin/sleep", "600"] });
      const name = nameOf(inputs);
      expect(name).toMatch(new RegExp(`^${own}made-[0-9a-f]{7}$`));
      expect(await recover(container, inputs)).toBeUndefined();
      for (const verb of ["create", "run"]) {
        const detach = verb === "run" ? ["-d"] : [];
        const id = docker(
          verb,
          ...detach,
          "--name",
          name,
          "-v",
          `${own}data:/data`,
          tag,
          "/bin/sleep",
          "600",
        );
        expect(await recover(container, inputs)).toBe(
          `removed its half-made container ${name} (${id.slice(0, 12)})`,
        );
        expect(exists("container", name)).toBe(false);
        expect(exists("volume", `${own}data`)).toBe(true);
      }
    });

    it("a container the state knows is left alone, and so is another's of that name", async () => {
      const inputs = await container.checked({ name: `${own}fixed`, image: tag, command: ["/bin/true"] });
      const id = docker("create", "--name", `${own}fixed`, tag, "/bin/true");
      expect(await recover(container, inputs, [id])).toBeUndefined();
      await expect(recover(container, { ...inputs, image: "other:1" })).rejects.toThrow(
        new RegExp(`runs another image, ${tag}.*docker rm -f ${own}fixed`),
      );
      expect(exists("container", `${own}fixed`)).toBe(true);
    });

    it("a network is removed, unless containers are in it", async () => {
      const inputs = await network.checked({ name: `${own}net` });
      docker("network", "create", `${own}net`);
      docker("network", "create", `${own}net-2`);
      docker("run", "-d", "--name", `${own}guest`, "--network", `${own}net`, tag, "/bin/sleep", "600");
      await expect(recover(network, inputs)).rejects.toThrow(
        new RegExp(`containers of others in it \\(${own}guest\\).*docker network disconnect`),
      );
      docker("rm", "-f", `${own}guest`);
      expect(await recover(network, inputs)).toMatch(/^removed its half-made network/);
      expect(docker("network", "ls", "--filter", `name=${own}`, "--format", "{{.Name}}")).toBe(`${own}net-2`);
    });

    it("a volume is removed where its name was generated, for it may be older than the run otherwise", async () => {
      const generated = await volume.checked({});
      const named = await volume.checked({ name: `${own}named` });
      for (const inputs of [generated, named]) docker("volume", "create", nameOf(inputs));
      expect(await recover(volume, named)).toBeUndefined();
      expect(await recover(volume, generated)).toMatch(/^removed its volume/);
      expect(docker("volume", "ls", "-q", "--filter", `name=${own}`)).toBe(`${own}named`);
    });
  },
);

it("where Docker does not answer, the error says how to put it right by hand", async () => {
  const nowhere = provider.configure({ host: `unix:///run/${own}nobody.sock` });
  const lost = new Driven("docker:index/container:Container", "lost", nowhere);
  await expect(recover(lost, await lost.checked({ name: "lost", image: tag }))).rejects.toThrow(
    /Docker does not answer.*docker rm -f lost$/,
  );
});
