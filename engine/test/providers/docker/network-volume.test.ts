import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/docker";
import { clearAway, context, docker, dockerAnswers, Driven, prefix } from "./docker-host";
import { goldenDocker } from "./golden";

const networkToken = "docker:index/network:Network";
const volumeToken = "docker:index/volume:Volume";

describe.skipIf(!dockerAnswers())(
  "networks and volumes on this machine's Docker (skipped without Docker)",
  () => {
    beforeAll(() => clearAway());
    afterAll(() => clearAway());

    it("makes a network whose outputs have the recorded shape, finds it unchanged, removes it", async () => {
      const network = new Driven(networkToken, `${prefix}net`);
      const made = await network.create({ name: `${prefix}net`, internal: false });
      const golden = goldenDocker("1-create")?.find(({ type }) => type === networkToken);
      if (golden) {
        const addresses = made.outputs["ipamConfigs"] ?? null;
        expect({ ...made.outputs, id: "", name: "", ipamConfigs: [] }).toEqual({
          ...golden.outputs,
          id: "",
          name: "",
          ipamConfigs: [],
        });
        expect(addresses).toEqual([
          {
            auxAddress: {},
            gateway: expect.any(String) as string,
            ipRange: "",
            subnet: expect.any(String) as string,
          },
        ]);
      }
      expect(await network.diff(made, { name: `${prefix}net`, internal: false })).toMatchObject({
        changes: "none",
      });
      const refreshed = await network.refresh(made);
      expect(refreshed?.inputs).toEqual(made.inputs);
      await network.delete(made);
      expect(await network.refresh(made)).toBeUndefined();
      await network.delete(made);
    });

    it("gives a network of a chosen subnet and labels, and replaces it when they change", async () => {
      const network = new Driven(networkToken, `${prefix}subnet`);
      const news = {
        ipamConfigs: [{ subnet: "10.213.7.0/24", gateway: "10.213.7.1" }],
        labels: [{ label: "use", value: "test" }],
        options: { "com.docker.network.bridge.enable_icc": "true" },
      };
      const made = await network.create(news);
      expect(made.inputs["name"]).toMatch(/^regtest-prov-subnet-[0-9a-f]{7}$/);
      expect(await network.diff(made, news)).toMatchObject({ changes: "none", detailedDiff: {} });
      const changed = { ...news, labels: [{ label: "use", value: "other" }] };
      expect(await network.diff(made, changed)).toMatchObject({
        replaces: ["labels"],
        deleteBeforeReplace: false,
        detailedDiff: { "labels[0].value": { kind: "update-replace", inputDiff: false } },
      });
      const afterRefresh = await network.refresh(made);
      expect(afterRefresh && (await network.diff(afterRefresh, news))).toMatchObject({ changes: "none" });
      await network.delete(made);
    });

    it("waits for a network's last container to leave", async () => {
      const network = new Driven(networkToken, `${prefix}busy`);
      const made = await network.create({ name: `${prefix}busy` });
      docker("create", "--name", `${prefix}leaver`, "--network", `${prefix}busy`, anyImage(), "true");
      setTimeout(() => docker("rm", "-f", `${prefix}leaver`), 300);
      await network.delete(made);
      expect(await network.refresh(made)).toBeUndefined();
    });

    it("says which subnet cannot be had", async () => {
      const network = new Driven(networkToken, `${prefix}bad`);
      await expect(
        network.create({ name: `${prefix}bad`, ipamConfigs: [{ subnet: "nonsense" }] }),
      ).rejects.toThrow(/^The network regtest-prov-bad could not be made: .*nonsense/);
    });

    it("makes a volume with the recorded shape, keeps it, removes it", async () => {
      const volume = new Driven(volumeToken, `${prefix}vol`);
      const made = await volume.create({ name: `${prefix}vol` });
      const golden = goldenDocker("1-create")?.find(({ type }) => type === volumeToken);
      if (golden) {
        const own = { id: "", name: "", mountpoint: "" };
        expect({ ...made.outputs, ...own }).toEqual({ ...golden.outputs, ...own });
      }
      expect(made.outputs["mountpoint"]).toBe(`/var/lib/docker/volumes/${prefix}vol/_data`);
      expect(await volume.diff(made, { name: `${prefix}vol` })).toMatchObject({ changes: "none" });
      await volume.delete(made);
      expect(await volume.refresh(made)).toBeUndefined();
      await volume.delete(made);
    });

    it("knows in a preview what is known", async () => {
      const network = new Driven(networkToken, `${prefix}preview`);
      const { id, outputs } = await network.preview(await network.checked({ name: `${prefix}preview` }));
      expect(id).toBeUndefined();
      expect(outputs).toMatchObject({ name: `${prefix}preview`, ipamDriver: "default", attachable: null });
      expect(
        Object.entries(outputs)
          .filter(([, value]) => isUnknown(value))
          .map(([name]) => name)
          .sort(),
      ).toEqual(["driver", "id", "internal", "ipamConfigs", "options", "scope"]);
      expect(docker("network", "ls", "--format", "{{.Name}}")).not.toContain(`${prefix}preview`);
    });

    it("looks networks up by name", async () => {
      const getNetwork = provider.configure({}).functions["docker:index/getNetwork:getNetwork"];
      expect(await getNetwork?.({ name: "bridge" }, context)).toMatchObject({
        result: { name: "bridge", driver: "bridge", scope: "local", internal: false },
      });
      await expect(getNetwork?.({ name: `${prefix}nowhere` }, context)).rejects.toThrow(
        "Docker has no network regtest-prov-nowhere.",
      );
    });
  },
);

function isUnknown(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "unknown";
}

function anyImage(): string {
  return docker("image", "ls", "--quiet").split("\n")[0] ?? "";
}
