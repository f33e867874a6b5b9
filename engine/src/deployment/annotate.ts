import {
  isList,
  isPropertyMap,
  isSecret,
  reveal,
  Secret,
  type PropertyMap,
  type Value,
} from "../values/value";

/** How a plugin treats secrets. */
interface Treatment {
  readonly keepsSecretElements?: true;
}

/**
 * `values`, which a provider returned without secret wrappers, with those of `origin` put back by name: inside
 * objects property by property, inside lists element by element where the plugin keeps them so; anything else that
 * holds a secret becomes secret as a whole.
 * Source: `annotateSecrets` in Pulumi's `sdk/go/common/resource/plugin/provider_plugin.go`.
 */
export function annotateSecrets(values: PropertyMap, origin: PropertyMap, treatment: Treatment): PropertyMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, annotate(value, origin[name], treatment)]),
  );
}

function annotate(value: Value, source: Value | undefined, treatment: Treatment): Value {
  if (source === undefined || value instanceof Secret) return value;
  if (isPropertyMap(value) && isPropertyMap(source)) return annotateSecrets(value, source, treatment);
  if (treatment.keepsSecretElements === true && isList(value) && isList(source)) {
    return value.map((element, index) => annotate(element, source[index], treatment));
  }
  return isSecret(source) ? secret(value) : value;
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
