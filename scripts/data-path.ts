// data-path.ts STACK: prints the folder of the stack's images.
import * as fs from "node:fs";
import * as yaml from "yaml";
import { schema } from "../components/settings/schema";

const [stack = ""] = process.argv.slice(2);
const { config = {} } = yaml.parse(fs.readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as {
  config?: Record<string, unknown>;
};
console.log(
  schema.shape.dataPath.parse(config["private-registry:dataPath"]).replace("${checkout}", process.cwd()),
);
