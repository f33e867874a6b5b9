import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Host, Settings } from "../settings/settings";
import { connectionTo } from "./connection";
import { renderVariables } from "./host-variables";
import { ON_HOST, parseAnswer, scriptDigest, type Answer } from "./on-host";

export interface HostTrustArgs {
  readonly host: Host;
  readonly settings: Pick<Settings, "sshPrivateKey">;
  /** `hostname:port` of the registry. */
  readonly registry: pulumi.Input<string>;
  /** The CA's certificate, PEM. */
  readonly authority: pulumi.Input<string>;
  /** Password by user of the registry. */
  readonly credentials: pulumi.Input<Readonly<Record<string, string>>>;
  /** From `probeHosts`. */
  readonly generation: string;
}

/**
 * One host's trust in the registry: the CA in the system's store and where container engines look for it, proved by
 * a TLS handshake made on the host itself. Deleted, it leaves the host as it was before, byte for byte.
 *
 * A host that fails does not fail the update by itself: what it answered is in `answer`, for {@link Trust} to judge
 * when every host has had its turn.
 *
 * ```ts
 * new HostTrust("trust-web1", { host, settings, registry, authority, credentials, generation });
 * ```
 */
export class HostTrust extends pulumi.ComponentResource {
  /** What was found and done on the host. */
  readonly answer: pulumi.Output<Answer>;

  constructor(name: string, args: HostTrustArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:trust:HostTrust", name, {}, opts);
    const { host, settings } = args;
    const connection = connectionTo(host, settings);
    const stdin = pulumi
      .all([args.registry, args.authority, args.credentials])
      .apply(([registry, authority, credentials]) => {
        const password = host.dockerLogin === undefined ? "" : (credentials[host.dockerLogin.user] ?? "");
        const variables = { stack: pulumi.getStack(), registry, authority, password };
        return connection.stdin + renderVariables(host, variables);
      });
    const installed = new command.local.Command(
      `${name}-installed`,
      {
        create: `${ON_HOST} install`,
        update: `${ON_HOST} install`,
        delete: `${ON_HOST} remove`,
        stdin: pulumi.secret(stdin),
        environment: { ...connection.environment, GENERATION: args.generation, SCRIPT: scriptDigest() },
        logging: "stderr",
        addPreviousOutputInEnv: false,
        // Another machine: what the old one has is removed there, when the new one trusts.
        triggers: [host.address, host.port],
      },
      { parent: this, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) },
    );
    this.answer = installed.stdout.apply(parseAnswer);
    this.registerOutputs({ answer: this.answer });
  }
}
