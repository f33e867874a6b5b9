import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../thing";

/** Logs an error and goes on: a message, not the end. */
void pulumi.log.error("something is odd");
export const word = new pulumi.Config().require("word");
export const serial = new Thing("one", { value: word }).serial;
