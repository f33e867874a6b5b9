import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings";
import { HostTrust } from "./host-trust";
import { failureOf, type Answer } from "./on-host";

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
    this.hosts = pulumi
      .all(answers.map(({ host, answer }) => answer.apply((found) => [host, found] as const)))
      .apply((all) => Object.fromEntries(all));
    if (answers.length > 0) this.judge(`${name}-verdict`, this.hosts, answers.length);
    this.registerOutputs({ hosts: this.hosts });
  }

  /**
   * Fails when any of the hosts has, with all of them by name. It comes after every host has had its turn, whatever
   * the engine does at the first failure, and it is never on record as passed while one fails.
   */
  private judge(name: string, hosts: pulumi.Output<Readonly<Record<string, Answer>>>, count: number): void {
    const failed = hosts.apply((all) =>
      Object.entries(all)
        .flatMap(([host, answer]) => {
          const reason = failureOf(answer);
          return reason === undefined ? [] : [`${host}: ${reason}`];
        })
        .join("\n"),
    );
    new command.local.Command(
      name,
      {
        create: "sh components/trust/verdict.sh",
        update: "sh components/trust/verdict.sh",
        environment: { FAILED: failed, COUNT: String(count) },
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
  }
}
