// verify-hosts.ts STACK: see verify-hosts.sh. Reads the stack's configuration and outputs, both JSON, from stdin.
import { text } from "node:stream/consumers";
import { parseSettings } from "../components/settings/settings";
import { askHosts, failureOf, type Answer } from "../components/trust/on-host";

const COLUMNS = [
  "HOST",
  "ADDRESS",
  "RESULT",
  "SYSTEM",
  "CHECKED WITH",
  "CERTIFICATE (SHA-256)",
  "EXPIRES",
] as const;

function row(name: string, address: string, answer: Answer | undefined): string[] {
  const failed = failureOf(answer);
  if (failed !== undefined) return [name, address, "FAILED", failed];
  const { system = "", proof = "", certificate = "", expires = "" } = answer ?? {};
  const with_ = proof.split(":")[0] ?? "";
  return [
    name,
    address,
    "trusts",
    system,
    with_,
    certificate.split(":")[0]?.slice(0, 16) ?? "",
    expires.slice(0, 10),
  ];
}

/** Cells side by side; a reason is the last cell of its line, and as long as it has to be. */
function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number) =>
    Math.max(...rows.map((cells) => (cells.length > column + 1 ? (cells[column]?.length ?? 0) : 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(width(column)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function verify(stack: string, config = "{}", outputs = "{}"): Promise<void> {
  const values = Object.entries(JSON.parse(config) as Record<string, { value?: string }>);
  const { address: registry, caCertificate: authority } = JSON.parse(outputs) as Record<string, string>;
  const settings = parseSettings(Object.fromEntries(values.map(([key, { value = "" }]) => [key, value])));
  if (registry === undefined || authority === undefined)
    throw new Error(`the stack ${stack} is not up: it has no address and no CA certificate yet`);
  const answers = await askHosts(settings.hosts, "verify", settings, { stack, registry, authority });
  const rows = settings.hosts.map(({ name, address }) => row(name, address, answers.get(name)));
  const failed = rows.filter((cells) => cells[2] === "FAILED").length;
  console.log(table([COLUMNS, ...rows]));
  console.log(`${rows.length - failed} of ${rows.length} hosts trust ${registry}`);
  if (failed > 0) process.exitCode = 1;
}

const [stack = ""] = process.argv.slice(2);
text(process.stdin)
  .then((input) => verify(stack, ...input.split("\n---\n")))
  .catch((error: unknown) => {
    console.error(`verify-hosts: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
