import { devStack } from "./dev-stack";
import { ManyHosts } from "./many";
import { alternate, measure, realCli, type Command, type Engine, type Measured } from "./measure";

const rounds = Number(process.env["REPEAT"] ?? 5);
const cli = realCli();
const engines: readonly Engine[] = cli === undefined ? ["embedded"] : ["embedded", "cli"];

const both = (command: (engine: Engine) => Command): Promise<Record<Engine, Measured>> =>
  alternate(
    Object.fromEntries(engines.map((engine) => [engine, command(engine)])) as Record<Engine, Command>,
    rounds,
  );

const row = (
  what: string,
  least: string,
  { embedded, cli: other }: Partial<Record<Engine, Measured>>,
): string => {
  const ours = `${embedded?.seconds.toFixed(2) ?? ""} s`;
  if (embedded === undefined || other === undefined) return `| ${what} | ${ours} | – | – | ${least} |`;
  return `| ${what} | ${ours} | ${other.seconds.toFixed(2)} s | **${(embedded.seconds / other.seconds).toFixed(2)} ×** | ${least} |`;
};

async function main(): Promise<void> {
  console.log(
    cli === undefined ? "There is no Pulumi CLI on PATH to compare with.\n" : `Against pulumi ${cli}.\n`,
  );
  console.log("| | embedded | CLI | time | at most |\n|---|---:|---:|---:|---:|");

  const dev = await devStack();
  try {
    console.log(
      row(
        "dev stack, `up` with nothing to do",
        "1 ×",
        await both((engine) => dev.command(engine, "up", "--yes")),
      ),
    );
    console.log(row("dev stack, `preview`", "1 ×", await both((engine) => dev.command(engine, "preview"))));
  } finally {
    await dev.remove();
  }

  const many = new ManyHosts();
  try {
    await measure(many.command("embedded", "stack", "init", "dev"));
    const sizes: { readonly resources: number; readonly preview: Measured }[] = [];
    for (const hosts of [25, 50, 100]) {
      await measure(many.command("embedded", "config", "set", "hosts", String(hosts)));
      await measure(many.command("embedded", "up", "--yes", "--skip-preview"));
      const resources = 3 * hosts;
      const preview = await both((engine) => many.command(engine, "preview"));
      console.log(row(`${resources} resources, \`preview\``, hosts === 100 ? "1.5 ×" : "", preview));
      sizes.push({ resources, preview: preview.embedded });
    }
    const [small, , large] = sizes;
    if (small !== undefined && large !== undefined) {
      const memory = large.preview.mebibytes / small.preview.mebibytes;
      console.log(
        `\nFrom ${small.resources} to ${large.resources} resources the engine grows from ` +
          `${small.preview.mebibytes.toFixed(0)} to ${large.preview.mebibytes.toFixed(0)} MiB: ` +
          `${memory.toFixed(2)} × for ${large.resources / small.resources} × the resources.`,
      );
    }
  } finally {
    many.remove();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
