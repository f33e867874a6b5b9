import { sameValue } from "../deployment/equality";
import {
  isList,
  isPropertyMap,
  ResourceReference,
  Secret,
  Unknown,
  type PropertyMap,
  type Value,
} from "../values/value";
import { shownSecret } from "./blind";
import { inColorOf, labelOf, type Colors } from "./labels";

/** Longer texts are cut in the middle of a diff; the state has them whole. */
const longestText = 300;

/** A value on one or several lines; further lines are indented by `indent`. Secrets are not shown. */
export function valueText(value: Value, indent: string): string {
  if (value instanceof Secret) return shownSecret;
  if (value instanceof Unknown) return "[unknown]";
  if (value instanceof ResourceReference) return value.urn;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const items = value.map(
      (item, index) => `${indent}    [${index}]: ${valueText(item, `${indent}    `)}\n`,
    );
    return `[\n${items.join("")}${indent}]`;
  }
  if (isPropertyMap(value)) {
    const fields = namedEntries(value);
    if (fields.length === 0) return "{}";
    const width = widest(fields.map(([name]) => name));
    const lines = fields.map(
      ([name, item]) => `${indent}    ${name.padEnd(width)}: ${valueText(item, `${indent}    `)}\n`,
    );
    return `{\n${lines.join("")}${indent}}`;
  }
  return value === null ? "<null>" : JSON.stringify(value);
}

/** What has changed from `olds` to `news`, a line or block a property: `~ name: "a" => "b"`. */
export function changesText(olds: PropertyMap, news: PropertyMap, indent: string, colors: Colors): string[] {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(isShownName).sort();
  const changed = names.filter((name) => !sameOrAbsent(olds[name], news[name]));
  const width = widest(changed);
  return changed.map((name) => changeText(name.padEnd(width), olds[name], news[name], indent, colors));
}

function changeText(
  name: string,
  before: Value | undefined,
  after: Value | undefined,
  indent: string,
  colors: Colors,
): string {
  const inner = `${indent}  `;
  if (before === undefined && after !== undefined) {
    return inColorOf(
      "create",
      `${indent}${labelOf("create").prefix}${name}: ${valueText(after, inner)}`,
      colors,
    );
  }
  if (after === undefined && before !== undefined) {
    return inColorOf(
      "delete",
      `${indent}${labelOf("delete").prefix}${name}: ${valueText(before, inner)}`,
      colors,
    );
  }
  const head = inColorOf("update", `${indent}${labelOf("update").prefix}${name}: `, colors);
  if (isPropertyMap(before) && isPropertyMap(after)) {
    return `${head}{\n${changesText(before, after, `${inner}  `, colors).join("\n")}\n${inner}}`;
  }
  if (isList(before) && isList(after)) {
    const lines = elementsText(before, after, `${inner}  `, colors);
    return `${head}[\n${lines.join("\n")}\n${inner}]`;
  }
  return head + inColorOf("update", `${shortText(before)} => ${shortText(after)}`, colors);
}

/** Every element, so that one sees where in the list the changed ones stand. */
function elementsText(
  before: readonly Value[],
  after: readonly Value[],
  indent: string,
  colors: Colors,
): string[] {
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => {
    const [mine, other] = [before[index], after[index]];
    if (!sameOrAbsent(mine, other)) return changeText(`[${index}]`, mine, other, indent, colors);
    return `${indent}  [${index}]: ${valueText(other ?? null, `${indent}  `)}`;
  });
}

function shortText(value: Value | undefined): string {
  if (typeof value !== "string") return valueText(value ?? null, "");
  const text = JSON.stringify(value);
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…"`;
}

const sameOrAbsent = (before: Value | undefined, after: Value | undefined): boolean =>
  before === undefined || after === undefined ? before === after : sameValue(before, after);

/** What providers and the engine note for themselves is nothing for people. */
const isShownName = (name: string): boolean => !name.startsWith("__");

/** The properties of a resource or Stack that have something to show; what is empty is left out, as the CLI does. */
export const shownEntries = (properties: PropertyMap): [string, Value][] =>
  namedEntries(properties).filter(([, value]) => !isEmpty(value));

const isEmpty = (value: Value): boolean =>
  value === null ||
  value === "" ||
  (isList(value) && value.length === 0) ||
  (isPropertyMap(value) && Object.keys(value).length === 0);

const namedEntries = (properties: PropertyMap): [string, Value][] =>
  Object.entries(properties)
    .filter(([name]) => isShownName(name))
    .sort(([left], [right]) => (left < right ? -1 : 1));

export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
