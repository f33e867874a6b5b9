/**
 * JSON as Go's `encoding/json` writes it, so that a state file that both engines write differs only where it says
 * something different: the keys of a map in byte order (also those that look like numbers), no spaces, U+2028 and
 * U+2029 escaped. Each function returns JSON text.
 */

/** @param html also escape `<`, `>` and `&`, as `json.Marshal` does (the text inside an encrypted secret) */
export function goString(text: string, html = false): string {
  const quoted = JSON.stringify(text).replace(/[\u2028\u2029]/g, escapeCharacter);
  return html ? quoted.replace(/[<>&]/g, escapeCharacter) : quoted;
}

/** An object with the keys in Go's order. */
export function goMap(entries: readonly (readonly [key: string, json: string])[], html = false): string {
  const sorted = [...entries].sort(([a], [b]) => byteOrder(a, b));
  return goStruct(sorted, html);
}

/** An object with the keys in the given order. */
export function goStruct(entries: readonly (readonly [key: string, json: string])[], html = false): string {
  return `{${entries.map(([key, json]) => `${goString(key, html)}:${json}`).join(",")}}`;
}

export function goList(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** Parsed JSON again as text, objects in the order they have. */
export function goValue(value: unknown, html = false): string {
  if (typeof value === "string") return goString(value, html);
  if (Array.isArray(value)) return goList(value.map((item) => goValue(item, html)));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return goStruct(
      entries.map(([key, item]) => [key, goValue(item, html)] as const),
      html,
    );
  }
  return JSON.stringify(value);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** UTF-8 byte order; UTF-16 order is the same except beside surrogates. */
function byteOrder(a: string, b: string): number {
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
