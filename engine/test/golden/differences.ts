/** Where two JSON values differ: `path: recorded | found`. */
export function differences(recorded: unknown, found: unknown, path = ""): string[] {
  if (isObject(recorded) && isObject(found)) {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(found)])].sort();
    return names.flatMap((name) => differences(recorded[name], found[name], `${path}.${name}`));
  }
  if (Array.isArray(recorded) && Array.isArray(found) && recorded.length === found.length) {
    const [before, after] = [recorded as readonly unknown[], found as readonly unknown[]];
    return before.flatMap((item, index) => differences(item, after[index], `${path}[${index}]`));
  }
  return Object.is(recorded, found) ? [] : [`${path}: ${shown(recorded)} | ${shown(found)}`];
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An absent property is not a null one. */
const shown = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value));
