import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../thing";

// Runs to its end, with an error that it has logged itself, and with the exit code that the SDK has for this.
const first = new Thing("first", { value: "x" });
if (new pulumi.Config().get("word") === "bad") {
  first.value.apply(async () => {
    await pulumi.log.error("something is bad", first);
    process.exitCode = 32;
  });
} else {
  new Thing("second", { value: "y" });
}
export const word = new pulumi.Config().get("word");
