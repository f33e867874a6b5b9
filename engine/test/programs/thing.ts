import * as pulumi from "@pulumi/pulumi";

/** A resource of the tests' own provider (`test/deployment/test-provider.ts`). */
export class Thing extends pulumi.CustomResource {
  declare readonly serial: pulumi.Output<number>;
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super(
      "test:index:Thing",
      name,
      { serial: undefined, value: undefined, ...inputs },
      { version: "1.0.0", ...options },
    );
  }
}
