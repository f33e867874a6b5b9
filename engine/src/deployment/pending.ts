import type { DeploymentContext } from "./context";

/** Tells of what was under way when the last run was interrupted, and what to do about it. */
export function warnOfPendingOperations(context: DeploymentContext): void {
  const operations = context.basePending;
  if (operations.length === 0 || context.dryRun) return;
  const list = operations.map(({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`);
  const creating = operations.some(({ type }) => type === "creating");
  context.diagnostics.warning(
    [
      `Attempting to deploy or update resources with ${operations.length} pending operations from previous deployment.`,
      ...list,
      "These resources are in an unknown state because the last run was interrupted while waiting for changes",
      "to these resources to complete. Check whether the operations listed completed: look for the resources",
      "themselves (a container, a network: docker ps -a, docker network ls).",
      ...(creating
        ? [
            "One that was being created and exists now is unknown to the stack: remove it by hand, then clear the",
            "record with `pulumi refresh --clear-pending-creates`.",
          ]
        : ["`pulumi refresh` reads the state of the others and clears the record."]),
    ].join("\n"),
  );
}
