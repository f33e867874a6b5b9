import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { runError } from "../run-error";
import type { Settings } from "../settings/settings";
import { bridgeAddress } from "./bridge";
import { docker, DockerError } from "./docker-cli";
import { provideImages, type Images } from "./images";
import { inspectStorage, sharedFault, type StorageFacts } from "./storage";
import { portFault } from "./ports";

/** The Docker engine to deploy to, and what was found on it before anything is declared: plain data. */
export interface DockerHost extends StorageFacts {
  /** For `DOCKER_HOST` and the provider: `unix:///…` or `ssh://…`. */
  readonly uri: string;
  /** Address of that host the gateway listens on. */
  readonly bindAddress: string;
  /** Folder for images, absolute. */
  readonly dataPath: string;
  readonly images: Images;
}

/** Names of what is deployed: one prefix a stack, so that several stand side by side on one host. */
export interface DeploymentNames {
  readonly prefix: string;
  readonly network: string;
  readonly gateway: string;
  readonly gatewayFiles: string;
  readonly registryFiles: string;
}

export function deploymentNames(project = pulumi.getProject(), stack = pulumi.getStack()): DeploymentNames {
  const prefix = `${project}-${stack}`;
  return {
    prefix,
    network: prefix,
    gateway: `${prefix}-gateway`,
    gatewayFiles: `${prefix}-gateway-files`,
    registryFiles: `${prefix}-registry-files`,
  };
}

/**
 * Looks at the Docker host: does it answer, is the port free, can the data folder be used, are the files of the
 * last run as they were left. In an update it also provides the images, for everything else rests on them.
 *
 * @throws pulumi.RunError with one clear line for each fault, before any resource is declared: the providers' own
 * errors come late and are unreadable.
 */
export async function inspectDockerHost(settings: Settings, names: DeploymentNames): Promise<DockerHost> {
  const uri = settings.dockerHost === "local" ? "unix:///var/run/docker.sock" : settings.dockerHost;
  await requireDocker(uri);
  const dataPath = realPath(
    settings.dataPath.replace("${checkout}", () => process.cwd()),
    uri,
  );
  const [bindAddress, images] = await Promise.all([
    settings.bindAddress === "docker-bridge" ? requireBridge(uri) : settings.bindAddress,
    provideImages(uri, settings.images),
  ]);
  const ports = [
    { setting: "port", port: settings.port },
    ...(settings.anonymousPullPort === undefined
      ? []
      : [{ setting: "anonymousPullPort", port: settings.anonymousPullPort }]),
  ];
  const [storage, ...found] = await Promise.all([
    inspectStorage({ uri, image: images.found.gateway, dataPath, names }),
    sharedFault({ uri, dataPath, names }),
    ...ports.map((question) => portFault({ uri, bindAddress, gateway: names.gateway, ...question })),
  ]);
  const faults = [...storage.faults, ...found.filter((fault) => fault !== undefined)];
  if (faults.length > 0) {
    throw runError("Nothing was changed:", ...faults.map((fault) => `  - ${fault}`));
  }
  const { storageClosed } = storage.facts;
  if (storageClosed !== undefined) {
    await pulumi.log.warn(
      `private-registry:dataPath ${dataPath}: the gateway cannot read it (${storageClosed.why}), so blobs go through the registry, at half the speed or less. To have them sent straight from disk: ${storageClosed.advice}`,
    );
  }
  return { ...storage.facts, uri, bindAddress, dataPath, images: images.images };
}

async function requireDocker(uri: string): Promise<void> {
  try {
    await docker(uri, "version", "--format", "{{.Server.Version}}");
  } catch (error) {
    const reason = error instanceof DockerError ? error.message : String(error);
    const advice = uri.startsWith("ssh://")
      ? `Check that this works: docker -H ${uri} version (key in the agent, host in known_hosts, user in group docker).`
      : "Start it, or let `make up` install and start it; private-registry:dockerHost names another one.";
    throw runError(`No Docker engine answers at ${uri}: ${reason}`, advice);
  }
}

async function requireBridge(uri: string): Promise<string> {
  return bridgeAddress(uri).catch((error: unknown) => {
    throw runError((error as Error).message);
  });
}

/**
 * A local folder by its real name, so that looking at it from a container follows no link. The name is the same
 * before and after the folder is made, or the second run would replace the container that mounts it.
 */
function realPath(folder: string, uri: string): string {
  const normal = path.posix.resolve(folder);
  if (!uri.startsWith("unix://")) return normal;
  if (fs.existsSync(normal)) return fs.realpathSync(normal);
  return path.join(realPath(path.dirname(normal), uri), path.basename(normal));
}
