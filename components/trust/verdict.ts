import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Answer } from "./on-host";

export interface VerdictArgs {
  readonly answers: readonly { readonly host: string; readonly answer: pulumi.Input<Answer> }[];
  /** What a failure means for the rest, a sentence without its full stop. */
  readonly without: string;
}

/**
 * Fails when any of the hosts has, with all of them by name. It comes after every host has had its turn, whatever
 * the engine does at the first failure, and it is never on record as passed while one fails.
 */
export class Verdict extends pulumi.ComponentResource {
  readonly passed: pulumi.Resource;

  constructor(name: string, { answers, without }: VerdictArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:trust:Verdict", name, {}, opts);
    const failed = pulumi
      .all(answers.map(({ host, answer }) => pulumi.output(answer).apply(({ failed }) => ({ host, failed }))))
      .apply((all) =>
        all.flatMap(({ host, failed }) => (failed === undefined ? [] : [`${host}: ${failed}`])).join("\n"),
      );
    this.passed = new command.local.Command(
      `${name}-passed`,
      {
        create: "sh components/trust/verdict.sh",
        update: "sh components/trust/verdict.sh",
        environment: { FAILED: failed, COUNT: String(answers.length), WITHOUT: without },
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
