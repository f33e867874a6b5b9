import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../thing";

new Thing("first", { value: "x" });
class Missing extends pulumi.CustomResource {}
new Missing("test:index:Missing", "missing", {}, { version: "1.0.0" });
