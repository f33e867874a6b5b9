import { isList, isPropertyMap, type PropertyMap, type Value } from "../../../values/value";

/** Reads of a state, with the zero value for what is not there: what the SDK's `d.Get` answers. */
export function getString(state: Value, name: string): string {
  const value = get(state, name);
  return typeof value === "string" ? value : "";
}

export function getNumber(state: Value, name: string): number {
  const value = get(state, name);
  return typeof value === "number" ? value : 0;
}

export function getBool(state: Value, name: string): boolean {
  return get(state, name) === true;
}

export function getList(state: Value, name: string): readonly Value[] {
  const value = get(state, name);
  return isList(value) ? value : [];
}

export function getStrings(state: Value, name: string): string[] {
  return getList(state, name).map((item) => (typeof item === "string" ? item : ""));
}

export function getObjects(state: Value, name: string): readonly PropertyMap[] {
  return getList(state, name).filter(isPropertyMap);
}

export function getMap(state: Value, name: string): Record<string, string> {
  const value = get(state, name);
  return isPropertyMap(value)
    ? Object.fromEntries(Object.keys(value).map((key) => [key, getString(value, key)]))
    : {};
}

function get(state: Value, name: string): Value {
  return isPropertyMap(state) ? (state[name] ?? null) : null;
}
