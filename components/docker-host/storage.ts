import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { docker } from "./docker-cli";
import type { DeploymentNames } from "./docker-host";

/** What stands on the Docker host's disk. */
export interface StorageFacts {
  /** `uid:gid` of the data folder, as which the registry runs; 0:0 for a folder that is yet to be made. */
  readonly dataOwner: string;
  /** Group id as which the gateway reads the data folder: the folder's where only that may, else its own. */
  readonly storageGroup: number;
  /** Why the gateway cannot read the data folder, and what to do about it; absent where it can. */
  readonly storageClosed?: { readonly why: string; readonly advice: string };
  /**
   * Generation of each volume of files: the one recorded in it while every file is as it was written, a fresh one
   * otherwise, which makes the next update write them again.
   */
  readonly generations: { readonly registry: string; readonly gateway: string };
}

export interface StorageQuestion {
  readonly uri: string;
  /** Id of an image with a shell; absent before the first update: then there is nothing to look at, either. */
  readonly image: string | undefined;
  readonly dataPath: string;
  readonly names: DeploymentNames;
}

/** Of the gateway's own group; see inspect-inside.sh. */
const GATEWAY_GROUP = 33;

/** The second uses what the first defines. */
const SCRIPTS = ["fingerprint.sh", "inspect-inside.sh"].map((name) =>
  path.join("components", "docker-host", name),
);

/** Looks at the data folder and the volumes of files from a container: the same way for local and remote hosts. */
export async function inspectStorage(
  question: StorageQuestion,
): Promise<{ facts: StorageFacts; faults: string[] }> {
  const { uri, image, dataPath, names } = question;
  const fresh = () => randomUUID().slice(0, 8);
  if (image === undefined) {
    const generations = { registry: fresh(), gateway: fresh() };
    return { facts: { dataOwner: "0:0", storageGroup: GATEWAY_GROUP, generations }, faults: [] };
  }
  const volumes = { registry: names.registryFiles, gateway: names.gatewayFiles };
  // `docker run -v` would create a volume that is not there; looking must change nothing.
  const present = (await docker(uri, "volume", "ls", "--quiet")).split("\n");
  const mounts = Object.entries(volumes)
    .filter(([, volume]) => present.includes(volume))
    .flatMap(([name, volume]) => ["--mount", `type=volume,src=${volume},dst=/files/${name},readonly`]);
  const lines = await docker(
    uri,
    ...[
      "run",
      "--rm",
      "--network",
      "none",
      "--cap-drop",
      "ALL",
      "--cap-add",
      "DAC_OVERRIDE",
      "--user",
      "0:0",
    ],
    ...["--security-opt", "no-new-privileges", "--log-driver", "none", "--entrypoint", "/bin/sh"],
    ...["--mount", "type=bind,src=/,dst=/host", ...mounts, "--env", `DATA_PATH=${dataPath}`],
    ...[image, "-c", SCRIPTS.map((file) => fs.readFileSync(file, "utf8")).join("")],
  );
  const answers = new Map(lines.split("\n").map((line) => line.split("\t") as [string, string]));
  return {
    facts: {
      dataOwner: answers.get("owner") ?? "0:0",
      storageGroup: Number(answers.get("group") ?? GATEWAY_GROUP),
      ...closed(answers.get("closed")),
      generations: {
        registry: answers.get("registry") ?? fresh(),
        gateway: answers.get("gateway") ?? fresh(),
      },
    },
    faults: [answers.get("fault")].flatMap((fault) =>
      fault === undefined ? [] : [`private-registry:dataPath ${dataPath} ${fault}`],
    ),
  };
}

/**
 * Who else keeps images in the folder, as a sentence; undefined where nobody does. Two registries on one folder
 * collect each other's garbage, and purging one empties both.
 */
export async function sharedFault(question: Omit<StorageQuestion, "image">): Promise<string | undefined> {
  const { uri, dataPath, names } = question;
  const format = "{{.Names}}\t{{.Networks}}";
  const lines = await docker(uri, "ps", "--all", "--filter", `volume=${dataPath}`, "--format", format);
  const others = lines
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([name = "", networks = ""]) => name !== "" && !networks.split(",").includes(names.network))
    // A container of ours that a run left half made is not in the network yet.
    .filter(([name = ""]) => !/^-(gateway|registry-[0-9a-f]{7})$/.test(name.replace(names.prefix, "")))
    .map(([name]) => name);
  if (others.length === 0) return undefined;
  return `private-registry:dataPath ${dataPath} is in use by the container ${others.join(", ")}; a registry takes a folder of its own`;
}

/** @param found "mode folder" of the first folder that keeps the gateway out. */
function closed(found: string | undefined): Pick<StorageFacts, "storageClosed"> {
  if (found === undefined) return {};
  const [mode = "", folder = ""] = found.split(/ (.*)/s);
  return { storageClosed: { why: `storage has mode ${mode}`, advice: `chmod o+x ${folder}` } };
}
