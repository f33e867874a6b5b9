import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/settings";
import { askHosts, type Answer } from "./on-host";

/**
 * Looks at every host before anything is declared: is what we left there as we left it? In previews, too.
 *
 * @returns the generation by host: the one on its record while all is well, a fresh one otherwise, which is a change
 * that the preview shows and the update makes. So a host that could not be reached is tried again by every update.
 */
export async function probeHosts(
  settings: Pick<Settings, "hosts" | "hostname" | "port" | "sshPrivateKey">,
  stack = pulumi.getStack(),
): Promise<ReadonlyMap<string, string>> {
  const registry = `${settings.hostname}:${settings.port}`;
  const answers = await askHosts(settings.hosts, "probe", settings, { stack, registry });
  const generations = new Map<string, string>();
  for (const [name, answer] of answers) {
    const found = whatIsWrong(answer);
    if (found !== undefined) await pulumi.log.warn(`host ${name}: ${found}`);
    generations.set(name, answer["generation"] ?? randomUUID().slice(0, 8));
  }
  return generations;
}

/** Nothing for a host that is as it should be, or that has never been ours. */
function whatIsWrong(answer: Answer): string | undefined {
  if (answer.failed !== undefined) return answer.failed;
  const { missing, changed } = answer;
  const parts = [
    ...(missing === undefined ? [] : [`missing ${missing}`]),
    ...(changed === undefined ? [] : [`changed ${changed}`]),
  ];
  return parts.length === 0 ? undefined : `not as it was left: ${parts.join("; ")}`;
}
