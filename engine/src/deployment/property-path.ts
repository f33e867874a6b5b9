import { isList, isPropertyMap, Secret, type PropertyMap, type Value } from "../values/value";

/** A path into properties: names, list positions, and `*` for every one of either. */
export type PropertyPath = readonly (string | number)[];

/**
 * Reads Pulumi's notation: `root.nested`, `root["with.dot"]`, `list[0]`, `list[*].name`.
 * Fails, naming the place, on a path that is not closed or empty.
 * Source: `sdk/go/common/resource/property_path.go` of Pulumi.
 */
export function parsePropertyPath(text: string): PropertyPath {
  const elements: (string | number)[] = [];
  const scanner = /\.?([^.[\]"]+)|\[(\d+)\]|\[\*\]|\.?\["((?:[^"\\]|\\.)*)"\]/y;
  while (scanner.lastIndex < text.length) {
    const start = scanner.lastIndex;
    const match = scanner.exec(text);
    if (match === null) {
      throw new Error(`"${text}" is not a property path: cannot read it from position ${start} on`);
    }
    const [, name, index, quoted] = match;
    if (name !== undefined) elements.push(name);
    else if (index !== undefined) elements.push(Number(index));
    else if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/g, "$1"));
    else elements.push("*");
  }
  if (elements.length === 0) throw new Error("a property path must not be empty");
  return elements;
}

/** True where `path` names `other` or something `other` lies in; `*` stands for any one element. */
export function pathContains(path: PropertyPath, other: PropertyPath): boolean {
  return (
    path.length <= other.length && path.every((element, index) => element === "*" || element === other[index])
  );
}

/**
 * `news` with what `path` names put back to what it is in `olds` (`ignoreChanges`); a property that `olds`
 * does not have goes. `undefined`: the path runs through something that only one of the two has.
 */
export function resetPath(path: PropertyPath, olds: PropertyMap, news: PropertyMap): PropertyMap | undefined {
  const result = reset(path, olds, news);
  return isPropertyMap(result) ? result : undefined;
}

function reset(path: PropertyPath, old: Value, current: Value): Value | undefined {
  if (old instanceof Secret) return reset(path, old.value, current);
  if (current instanceof Secret) {
    const inner = reset(path, old, current.value);
    return inner === undefined ? undefined : new Secret(inner);
  }
  const [element, ...rest] = path;
  if (element === undefined) return old;
  if (isList(old) && isList(current)) return resetList(element, rest, old, current);
  if (isPropertyMap(old) && isPropertyMap(current)) return resetMap(element, rest, old, current);
  return undefined;
}

function resetList(
  element: string | number,
  rest: PropertyPath,
  old: readonly Value[],
  current: readonly Value[],
): Value | undefined {
  if (element === "*" && old.length !== current.length) return undefined;
  const positions = element === "*" ? [...current.keys()] : [element];
  const result = [...current];
  for (const position of positions) {
    if (typeof position !== "number") return undefined;
    const [before, after] = [old[position], current[position]];
    if (before === undefined || after === undefined) return undefined;
    const value = reset(rest, before, after);
    if (value === undefined) return undefined;
    result[position] = value;
  }
  return result;
}

function resetMap(
  element: string | number,
  rest: PropertyPath,
  old: PropertyMap,
  current: PropertyMap,
): Value | undefined {
  const names = element === "*" ? new Set([...Object.keys(old), ...Object.keys(current)]) : [String(element)];
  const result = new Map(Object.entries(current));
  for (const name of names) {
    const [before, after] = [old[name], current[name]];
    if (rest.length === 0) {
      if (before === undefined) result.delete(name);
      else result.set(name, before);
    } else if (before !== undefined && after !== undefined) {
      const value = reset(rest, before, after);
      if (value === undefined) return undefined;
      result.set(name, value);
    } else if (before !== undefined || after !== undefined) {
      return undefined;
    }
  }
  return Object.fromEntries(result);
}
