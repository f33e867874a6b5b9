import { Deployment } from "../../test/integration/deployment";
import type { Command, Engine } from "./measure";

/** This project's own stack, brought up under a name of its own. */
export async function devStack() {
  const deployment = await new Deployment().prepare();
  const up = await deployment.make("up");
  if (up.code !== 0) {
    await deployment.remove();
    throw new Error(`make up: ${up.output}`);
  }
  return {
    command: (engine: Engine, ...args: readonly string[]): Command => ({
      program: "./pulumiw",
      args: [...args, "--stack", deployment.stack, "--non-interactive"],
      cwd: deployment.folder,
      env: { ...deployment.env, PULUMI_ENGINE: engine, PULUMIW_QUIET: "1" },
    }),
    remove: () => deployment.remove(),
  };
}
