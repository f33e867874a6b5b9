import {
  isList,
  isPropertyMap,
  ResourceReference,
  Secret,
  Unknown,
  type PropertyMap,
  type Value,
} from "../values/value";

/** True where both values are the same at every depth, secrecy included. */
export function sameValue(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof Secret) return right instanceof Secret && sameValue(left.value, right.value);
  if (left instanceof Unknown) return right instanceof Unknown;
  if (left instanceof ResourceReference) {
    return right instanceof ResourceReference && left.urn === right.urn && left.id === right.id;
  }
  if (isList(left)) {
    return (
      isList(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index] ?? null))
    );
  }
  if (isPropertyMap(left)) return isPropertyMap(right) && sameProperties(left, right);
  return false;
}

export function sameProperties(left: PropertyMap, right: PropertyMap): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [mine, other] = [left[name], right[name]];
      return mine !== undefined && other !== undefined && sameValue(mine, other);
    })
  );
}

/** True where both lists hold the same texts, in any order. */
export function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && sameOrder([...left].sort(), [...right].sort());
}

export function sameOrder(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
