/** Measured right after each other. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** One comparison: the gateway and another. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly pairs: readonly Pair[];
  readonly least: number | undefined;
  readonly unit: string;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const ratioOf = ({ pairs }: Row) => median(pairs.map(({ ours, theirs }) => ours / theirs));

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2);

/** The Markdown table and the chart of docs/benchmarks.md. */
export function report(
  rows: readonly Row[],
  reloads: { requests: number; errors: number } | undefined,
): string {
  const lines = rows.map((row) => {
    const { what, against, least, unit, pairs } = row;
    const ratio = ratioOf(row);
    const ours = median(pairs.map((pair) => pair.ours));
    const theirs = median(pairs.map((pair) => pair.theirs));
    const met = least === undefined ? "" : `${least} ×${ratio < least ? " (missed)" : ""}`;
    return `| ${what} | ${against} | ${number(ours)} ${unit} | ${number(theirs)} ${unit} | **${number(ratio)} ×** | ${met} |`;
  });
  return [
    "| | against | gateway | the other | ratio | at least |",
    "|---|---|---:|---:|---:|---:|",
    ...lines,
    ...(reloads === undefined
      ? []
      : [
          `| errors during 20 reloads under load | – | ${reloads.errors} of ${number(reloads.requests)} | – | – | 0 |`,
        ]),
    ...(rows.length === 0 ? [] : ["", "```", ...chart(rows), "```"]),
  ].join("\n");
}

/** How many times as fast; four steps more are twice as fast. */
function chart(rows: readonly Row[]): string[] {
  let what = "";
  return rows.map((row) => {
    what = row.what === "" ? what : row.what.replaceAll("`", "");
    const ratio = ratioOf(row);
    const bar = "█".repeat(Math.max(1, Math.round(4 * (1 + Math.log2(Math.max(ratio, 0.6))))));
    return `${what.padEnd(34)} ${row.against.padEnd(36)} ${bar} ${ratio.toPrecision(3)}`;
  });
}
