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
    this.judge(answers.length);
    this.registerOutputs({ hosts: this.hosts });
  }

  /**
   * Fails the update when any of the hosts has failed, with all of them by name, after every host has had its turn.
   * Neither by a resource nor by an exception: with those the engine stops before it has the stack's outputs, and the
   * registry, which is up, would have no address.
   */
  private judge(count: number): void {
    if (pulumi.runtime.isDryRun()) return;
    this.hosts.apply(async (all) => {
      const failed = Object.entries(all).flatMap(([host, answer]) => {
        const reason = failureOf(answer);
        return reason === undefined ? [] : [`  - ${host}: ${reason}`];
      });
      if (failed.length === 0) return;
      const lines = [
        `${failed.length} of ${count} hosts failed; the others are done:`,
        ...failed,
        "A host counts as trusting only when it has proved it. `make up` tries again, and only these.",
      ];
      await pulumi.log.error(lines.join("\n"), this);
      process.exitCode = ERROR_LOGGED;
    });
  }
}

/**
 * With an error that is logged alone the CLI would go on to deletions and end with 0. By this code the SDK tells it that
 * the program has failed and has said why: https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/run.ts
 */
const ERROR_LOGGED = 32;
