// The ordinary things: a component, secrets, dependencies, options, outputs, a function, the log.
import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../thing";

const config = new pulumi.Config();

class Group extends pulumi.ComponentResource {
  readonly inner: Thing;
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, options);
    this.inner = new Thing(
      `${name}-inner`,
      { value: "inside" },
      { parent: this, protect: config.getBoolean("protect") ?? false },
    );
    this.registerOutputs({ inner: this.inner.value });
  }
}

const word: string = config.require("word");
const first = new Thing("first", {
  value: word,
  password: config.requireSecret("password"),
});
const second = new Thing("second", { value: pulumi.interpolate`after ${first.serial}` });
const group = new Group("group");
new Thing("last", { value: "last" }, { dependsOn: [second, group], additionalSecretOutputs: ["value"] });
const echo = pulumi.runtime.invokeOutput<{ text: string }>(
  "test:index:echo",
  { text: first.value },
  { version: "1.0.0" },
);

console.log("a line of the program");
void pulumi.log.info("a message of the program");

export const serial = second.value;
export const inner = group.inner.value;
export const password = config.requireSecret("password");
export const echoed = echo.apply(({ text }) => text);
