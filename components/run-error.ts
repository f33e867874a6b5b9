import * as pulumi from "@pulumi/pulumi";

/**
 * An error for people: its lines are all that is shown, and the run ends.
 *
 * Without a stack. The SDK shows none for a `RunError` but renders it all the same, and Node 20 never gets past a path
 * such as `node_modules/@pulumi/resource.ts` there: half a minute and half a gigabyte until a string is too long
 * (pulumi/pulumi#21326).
 */
export function runError(...lines: readonly string[]): pulumi.RunError {
  const error = new pulumi.RunError(lines.join("\n"));
  error.stack = "";
  return error;
}
