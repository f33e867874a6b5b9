import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings";
import { HostTrust } from "./host-trust";
import type { Answer } from "./on-host";
import { Verdict } from "./verdict";

export interface TrustArgs {
  readonly settings: Pick<Settings, "hosts" | "sshPrivateKey">;
  /** `hostname:port` of the registry. */
  readonly registry: pulumi.Input<string>;
  /** The CA's certificate, PEM. */
  readonly authority: pulumi.Input<string>;
  /** Password by user; secret. */
  readonly credentials: pulumi.Input<Readonly<Record<string, string>>>;
  /** By host, from `probeHosts`. */
  readonly generations: ReadonlyMap<string, string>;
}

/**
 * Trust on every host, side by side; at the end one verdict over all of them.
 *
 * ```ts
 * const trust = new Trust("trust", { settings, registry, authority, credentials, generations }, { dependsOn: gateway });
 * ```
 */
export class Trust extends pulumi.ComponentResource {
  /** What is trusted on each host, by its name. */
  readonly hosts: pulumi.Output<Readonly<Record<string, Answer>>>;

  constructor(name: string, args: TrustArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:trust:Trust", name, {}, opts);
    const { settings, generations, ...rest } = args;
    const after = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
    const answers = settings.hosts.map((host) => {
      const generation = generations.get(host.name) ?? "";
      const trust = new HostTrust(
        `${name}-${host.name}`,
        { host, settings, generation, ...rest },
        { parent: this, ...after },
      );
      return { host: host.name, answer: trust.answer };
    });
    if (answers.length > 0) {
      const without = "A host counts as trusting only when it has proved it";
      new Verdict(`${name}-verdict`, { answers, without }, { parent: this });
    }
    this.hosts = pulumi
      .all(answers.map(({ host, answer }) => answer.apply((found) => [host, found] as const)))
      .apply((all) => Object.fromEntries(all));
    this.registerOutputs({ hosts: this.hosts });
  }
}
