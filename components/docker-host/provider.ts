import * as docker from "@pulumi/docker";
import type { DockerHost } from "./docker-host";

/** The Docker provider of every container, network and volume. SSH must not ask, nor believe an unknown host. */
export function dockerProvider({ uri }: DockerHost): docker.Provider {
  const sshOpts = ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"];
  return new docker.Provider("docker", { host: uri, ...(uri.startsWith("ssh://") ? { sshOpts } : {}) });
}
