/** One comparison: the gateway and another, measured in turn. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly ours: number;
  readonly theirs: number;
  readonly least: number | undefined;
  readonly unit: string;
}

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2);

/** The Markdown table and the chart of docs/benchmarks.md. */
export function report(rows: readonly Row[], reloads: { requests: number; errors: number }): string {
  const lines = rows.map(({ what, against, ours, theirs, least, unit }) => {
    const ratio = ours / theirs;
    const met = least === undefined ? "" : `${least} ×${ratio < least ? " (missed)" : ""}`;
    return `| ${what} | ${against} | ${number(ours)} ${unit} | ${number(theirs)} ${unit} | **${number(ratio)} ×** | ${met} |`;
  });
  return [
    "| | against | gateway | the other | ratio | at least |",
    "|---|---|---:|---:|---:|---:|",
    ...lines,
    `| errors during 20 reloads under load | – | ${reloads.errors} of ${number(reloads.requests)} | – | – | 0 |`,
    "",
    "```",
    ...chart(rows),
    "```",
  ].join("\n");
}

/** How many times as fast; four steps more are twice as fast. */
function chart(rows: readonly Row[]): string[] {
  let what = "";
  return rows.map((row) => {
    what = row.what === "" ? what : row.what.replaceAll("`", "");
    const ratio = row.ours / row.theirs;
    const bar = "█".repeat(Math.max(1, Math.round(4 * (1 + Math.log2(Math.max(ratio, 0.6))))));
    return `${what.padEnd(34)} ${row.against.padEnd(36)} ${bar} ${ratio.toPrecision(3)}`;
  });
}
