import {
  isList,
  isPropertyMap,
  ResourceReference,
  Secret,
  Unknown,
  type PropertyMap,
  type Value,
} from "../values/value";

/** What a secret is shown as, everywhere. */
export const shownSecret = "[secret]";
/** What the CLI's JSON shows for a value that is not known yet. */
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value as plain JSON that may be shown: every secret as `[secret]`. */
export function blinded(value: Value): Value {
  if (value instanceof Secret) return shownSecret;
  if (value instanceof Unknown) return unknownText;
  if (value instanceof ResourceReference) return value.urn;
  if (isList(value)) return value.map(blinded);
  if (isPropertyMap(value)) return blindedProperties(value);
  return value;
}

/** Properties as JSON that may be shown, by name in the order the CLI writes them. */
export const blindedProperties = (properties: PropertyMap): PropertyMap =>
  Object.fromEntries(
    Object.entries(properties)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, blinded(value)]),
  );
