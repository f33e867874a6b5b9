import { isPropertyMap, isSecret, reveal, Secret, type PropertyMap, type Value } from "../values/value";

/**
 * `values`, which a provider returned without secret wrappers, with those of `origin` put back by name:
 * inside objects property by property; anything else that holds a secret becomes secret as a whole.
 * Source: `annotateSecrets` in Pulumi's `sdk/go/common/resource/plugin/provider_plugin.go`.
 */
export function annotateSecrets(values: PropertyMap, origin: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const source = origin[name];
      if (source === undefined) return [name, value];
      if (isPropertyMap(value) && isPropertyMap(source)) return [name, annotateSecrets(value, source)];
      return [name, !(value instanceof Secret) && isSecret(source) ? secret(value) : value];
    }),
  );
}

/** `outputs` with those in `names` made secret; names without an output are passed over. */
export function markSecret(outputs: PropertyMap, names: readonly string[]): PropertyMap {
  if (names.length === 0) return outputs;
  const wanted = new Set(names);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      wanted.has(name) && !(value instanceof Secret) ? secret(value) : value,
    ]),
  );
}

/** A secret holds no further secret: inner ones are taken out. */
const secret = (value: Value): Secret => new Secret(reveal(value));
