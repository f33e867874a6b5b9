import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import pLimit from "p-limit";
import type { Host, Settings } from "../settings/settings";
import { connectionTo } from "./connection";
import { renderVariables, type TrustVariables } from "./host-variables";

const FOLDER = path.join("components", "trust");

/** The script on this side, from the folder that Pulumi runs in. */
export const ON_HOST = `sh ${FOLDER}/on-host.sh`;

/** Has a host trust a new CA beside the old one; nothing while it is the same. */
export const ROLLOVER = `sh ${FOLDER}/rollover.sh`;

/** Hosts asked at once: most of the time is waiting for them. */
const AT_ONCE = 20;

/** A digest over what runs on hosts: a change of it is a change of every host. */
export function scriptDigest(): string {
  const hash = createHash("sha256");
  for (const name of fs.readdirSync(path.join(FOLDER, "host")).sort()) {
    hash.update(fs.readFileSync(path.join(FOLDER, "host", name)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** SHA-256 of a certificate, as the script on hosts shows it. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
}

/** What the script answered: its results by key. `failed` has the reason where it did not succeed. */
export type Answer = Readonly<Record<string, string>> & { readonly failed?: string };

/** Why a host that answered this does not count as trusting; nothing where it has proved that it does. */
export function failureOf(answer: Answer | undefined): string | undefined {
  if (answer?.failed !== undefined) return answer.failed;
  return answer?.["proof"] === undefined ? "no answer: nothing was proved" : undefined;
}

/** "KEY<TAB>VALUE" lines. A key that comes more than once has its values joined. `expires` becomes RFC 3339. */
export function parseAnswer(stdout: string): Answer {
  const answer: Record<string, string> = {};
  for (const line of stdout.split("\n").filter((text) => text.includes("\t"))) {
    const [key = "", ...value] = line.split("\t");
    answer[key] = [answer[key], value.join("\t")].filter((text) => text !== undefined).join(", ");
  }
  // openssl's and curl's form, such as "Feb 27 09:50:08 2029 GMT".
  const expires = new Date(answer["expires"] ?? "");
  if (!Number.isNaN(expires.getTime())) answer["expires"] = expires.toISOString().replace(".000Z", "Z");
  return answer;
}

/** Asks all hosts the same, so many at once as is bearable; none that fails keeps another from its answer. */
export async function askHosts(
  hosts: readonly Host[],
  verb: "probe" | "verify",
  settings: Pick<Settings, "sshPrivateKey">,
  variables: TrustVariables,
): Promise<Map<string, Answer>> {
  const limit = pLimit(AT_ONCE);
  const answers = await Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const { environment, stdin } = connectionTo(host, settings);
        const answer = await ask(verb, environment, stdin + renderVariables(host, variables));
        return [host.name, answer] as const;
      }),
    ),
  );
  return new Map(answers);
}

function ask(verb: string, environment: NodeJS.ProcessEnv, stdin: string): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      "sh",
      [path.join(FOLDER, "on-host.sh"), verb],
      { env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        if (error === null) resolve(parseAnswer(stdout));
        else resolve({ failed: `on-host.sh: ${stderr.trim() || error.message}` });
      },
    );
    // It ends before it has read everything only where it fails.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
  });
}
