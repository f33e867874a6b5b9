import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings";
import { connectionTo } from "./connection";
import { renderVariables } from "./host-variables";
import { fingerprintOf, ROLLOVER } from "./on-host";

export interface CaRolloverArgs {
  readonly settings: Pick<Settings, "hosts" | "hostname" | "port" | "sshPrivateKey">;
  /** The CA's certificate, PEM. */
  readonly authority: pulumi.Input<string>;
}

/**
 * What has to happen on hosts before the registry shows a certificate of a new CA: every host trusts the new one
 * beside the old one. Whoever brings the certificate to the gateway depends on `ready`; the old CA leaves a host with
 * its {@link HostTrust}, when the new certificate is in use.
 *
 * Nothing happens while the CA is the same, nor when a host is new, for nothing rests on an old CA there. A host that
 * cannot be told of the new CA fails the update: until it can, or is taken out of the settings, the registry keeps its
 * certificate.
 */
export class CaRollover extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: CaRolloverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:trust:CaRollover", name, {}, opts);
    const { settings } = args;
    const registry = `${settings.hostname}:${settings.port}`;
    this.ready = settings.hosts.map((host) => {
      const connection = connectionTo(host, settings);
      const stdin = pulumi.output(args.authority).apply((authority) => {
        const variables = { stack: pulumi.getStack(), registry, authority };
        return connection.stdin + renderVariables(host, variables);
      });
      const fingerprint = pulumi.output(args.authority).apply(fingerprintOf);
      return new command.local.Command(
        `${name}-${host.name}`,
        {
          create: ROLLOVER,
          update: ROLLOVER,
          stdin: pulumi.secret(stdin),
          environment: { ...connection.environment, AUTHORITY: fingerprint },
          logging: "stderr",
          // What the host was told last.
          addPreviousOutputInEnv: true,
        },
        { parent: this },
      );
    });
    this.registerOutputs({});
  }
}
