import { stripVTControlCharacters } from "node:util";

/** A table as the CLI prints it: columns as wide as their widest cell, two spaces between, no trailing ones. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[], prefix = ""): string {
  const lines = [headers, ...rows.flatMap(splitLines)];
  const widths = headers.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ""))));
  return lines
    .map(
      (line) =>
        prefix +
        line.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}

/** A cell of several lines takes several rows. */
function splitLines(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split("\n"));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) => cells.map((cell) => cell[index] ?? ""));
}

const graphemes = new Intl.Segmenter();
const width = (text: string): number => Array.from(graphemes.segment(stripVTControlCharacters(text))).length;

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [31_104_000, "year"],
  [2_592_000, "month"],
  [604_800, "week"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** How long ago something was: `3 minutes ago`. */
export function ago(time: Date, now = new Date()): string {
  const seconds = Math.floor((now.getTime() - time.getTime()) / 1000);
  const unit = UNITS.find(([length]) => seconds >= length);
  if (unit === undefined) return "now";
  const count = Math.floor(seconds / unit[0]);
  return `${count} ${unit[1]}${count === 1 ? "" : "s"} ago`;
}
