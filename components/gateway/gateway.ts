import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardened, logRotation } from "../docker-host/container-options";
import type { DeploymentNames, DockerHost } from "../docker-host/docker-host";
import { RevisionedFiles } from "../docker-host/revisioned-files";
import type { Pki } from "../pki/pki";
import type { Registry } from "../registry/registry";
import type { Settings, User } from "../settings/settings";
import { gatewayLayout } from "./layout";
import { renderMetrics } from "./metrics";
import { renderNginxConf } from "./nginx-conf";
import { renderAccess, renderChosen, renderRepositories } from "./rights";
import { Users } from "./users";

export interface GatewayArgs {
  readonly host: DockerHost;
  readonly names: DeploymentNames;
  readonly network: pulumi.Input<string>;
  readonly registry: Registry;
  readonly pki: Pki;
  readonly settings: Pick<Settings, "hostname" | "port" | "anonymousPullPort"> & {
    readonly users: readonly User[];
  };
}

/** Seconds that running transfers get when the container itself has to go. */
const STOP_SECONDS = 60;

/**
 * The front door: nginx with TLS, users and their rights before the registry, on `bindAddress:port` of the Docker
 * host. Blobs it sends itself, from a read-only mount of the registry's storage.
 *
 * A change of users, certificate or nginx config never restarts the container: files are replaced, checked with
 * `nginx -t`, and taken up by a reload.
 *
 * ```ts
 * const gateway = new Gateway("gateway", { host, names, network: network.name, registry, pki, settings });
 * ```
 */
export class Gateway extends pulumi.ComponentResource {
  /** `hostname:port`: what stands before the repository in an image's name. */
  readonly address: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  /** Password by user name; secret. */
  readonly credentials: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:gateway:Gateway", name, {}, opts);
    const { host, names, pki, settings } = args;
    const users = new Users(`${name}-users`, { users: settings.users }, { parent: this });
    const files = new RevisionedFiles(
      `${name}-files`,
      {
        host,
        volume: names.gatewayFiles,
        files: {
          [gatewayLayout.configFile]: renderNginxConf({
            hostname: settings.hostname,
            port: settings.port,
            anonymous: settings.anonymousPullPort !== undefined,
            chosen: settings.users.some(({ password }) => password !== undefined),
            upstream: args.registry.upstream,
            metrics: args.registry.metrics,
            closed: host.storageClosed?.why,
          }),
          [gatewayLayout.accessFile]: renderAccess(settings.users),
          [gatewayLayout.repositoriesFile]: renderRepositories(settings.users),
          [gatewayLayout.chosenFile]: renderChosen(settings.users),
          [gatewayLayout.metricsFile]: renderMetrics(),
          [gatewayLayout.chainFile]: pki.chain,
          [gatewayLayout.keyFile]: pki.privateKey,
          [gatewayLayout.usersFile]: users.htpasswd,
          [gatewayLayout.verifiersFile]: users.verifiers,
        },
        stamped: gatewayLayout.configFile,
        owner: gatewayLayout.owner,
        generation: host.generations.gateway,
        check: `mkdir -p ${gatewayLayout.run} && nginx -t -q -e stderr -c "$PWD/${gatewayLayout.configFile}"`,
      },
      // Clients must trust a certificate before it is shown.
      { parent: this, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) },
    );
    const statusUrl = `http://127.0.0.1:${gatewayLayout.statusPort}`;
    const container = new docker.Container(
      `${name}-container`,
      {
        name: names.gateway,
        image: host.images.gateway,
        entrypoints: ["nginx"],
        command: [
          "-e",
          "stderr",
          "-c",
          `${gatewayLayout.files}/current/${gatewayLayout.configFile}`,
          "-g",
          "daemon off;",
        ],
        // In the group of the data folder where that is the only one that may read it.
        user: `${gatewayLayout.uid}:${host.storageGroup}`,
        networksAdvanced: [{ name: args.network }],
        ports: [
          { internal: gatewayLayout.port, external: settings.port, ip: host.bindAddress },
          ...(settings.anonymousPullPort === undefined
            ? []
            : [
                {
                  internal: gatewayLayout.anonymousPort,
                  external: settings.anonymousPullPort,
                  ip: host.bindAddress,
                },
              ]),
        ],
        volumes: [
          { volumeName: files.volume, containerPath: gatewayLayout.files, readOnly: true },
          { hostPath: host.dataPath, containerPath: gatewayLayout.storage, readOnly: true },
        ],
        tmpfs: { [gatewayLayout.run]: "uid=33,gid=33,mode=0700,size=64m" },
        sysctls: gatewayLayout.sysctls,
        healthcheck: {
          tests: ["CMD", "wget", "-q", "-O", "/dev/null", `${statusUrl}/healthz`],
          ...hardened.healthcheckTimes,
        },
        ...hardened.options,
        ...logRotation,
        // QUIT, not TERM: nginx finishes what it has begun.
        stopSignal: "SIGQUIT",
        stopTimeout: STOP_SECONDS,
        destroyGraceSeconds: STOP_SECONDS,
        wait: true,
        waitTimeout: 60,
      },
      // It has a name and a port that cannot be had twice.
      { parent: this, dependsOn: [files.written], deleteBeforeReplace: true, replaceOnChanges: ["mounts"] },
    );
    new command.local.Command(
      `${name}-reload`,
      {
        create: "sh components/gateway/reload.sh",
        update: "sh components/gateway/reload.sh",
        environment: {
          DOCKER_HOST: host.uri,
          CONTAINER: container.id,
          REVISION: files.revision,
          STATUS: statusUrl,
        },
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [files.written, container, args.registry.container] },
    );
    this.address = pulumi.output(`${settings.hostname}:${settings.port}`);
    this.url = pulumi.interpolate`https://${this.address}`;
    this.credentials = users.credentials;
    this.registerOutputs({ address: this.address, url: this.url });
  }
}
