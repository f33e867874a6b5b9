// Transforms of a resource, of a component above it, and of the stack, in that order.
import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../thing";

/** Appends `text` to a thing's value, so that the order can be seen. */
const appended =
  (text: string, opts: pulumi.CustomResourceOptions = {}): pulumi.ResourceTransform =>
  ({ type, props, opts: given }) =>
    type === "test:index:Thing"
      ? {
          props: {
            ...(props as object),
            value: pulumi.interpolate`${(props as { value: string }).value}${text}`,
          },
          opts: { ...given, ...opts },
        }
      : undefined;

pulumi.runtime.registerResourceTransform(appended(" stack"));

class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, options);
    new Thing(
      "inner",
      { value: "inner" },
      { parent: this, transforms: [appended(" own", { protect: true, additionalSecretOutputs: ["value"] })] },
    );
    this.registerOutputs({});
  }
}

const first = new Thing("first", { value: "first" });
new Group("group", { transforms: [appended(" group")] });
new Thing("last", { value: pulumi.interpolate`${first.serial}` }, { transforms: [appended(" own")] });
