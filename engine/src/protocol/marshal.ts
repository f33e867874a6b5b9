import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Fault } from "../values/fault";
import {
  isList,
  isPropertyMap,
  ResourceReference,
  reveal,
  Secret,
  Unknown,
  unknown,
  type PropertyMap,
  type Value,
} from "../values/value";
import type { Sdk } from "./sdk";
import { signatureKey, signatures, unknownText } from "./special-values";

/** Properties as a program sends them. `dependencies` collects what output values say they come from. */
export function unmarshal(struct: Struct | undefined, dependencies?: Map<string, Set<string>>): PropertyMap {
  if (struct === undefined) return {};
  return Object.fromEntries(
    Object.entries(struct.toJavaScript()).map(([name, value]) => {
      const urns = new Set<string>();
      const result = unmarshalValue(value, urns);
      if (urns.size > 0) dependencies?.set(name, urns);
      return [name, result];
    }),
  );
}

export interface MarshalOptions {
  /** False for a reader that does not know secrets: it gets the plain value. */
  readonly secrets: boolean;
  /** False for a reader that does not know references: it gets the id, or the URN of a component. */
  readonly resources: boolean;
}

/** Properties as a program reads them. */
export function marshal(sdk: Sdk, properties: PropertyMap, options: MarshalOptions): Struct {
  const plain = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, marshalValue(value, options)]),
  );
  return sdk.struct.Struct.fromJavaScript(plain);
}

function unmarshalValue(value: JavaScriptValue, urns: Set<string>): Value {
  if (value === unknownText) return unknown;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: JavaScriptValue) => unmarshalValue(item, urns));
  const fields = value as Record<string, JavaScriptValue>;
  const signature = fields[signatureKey];
  if (signature !== undefined) return unmarshalSpecial(signature, fields, urns);
  return Object.fromEntries(Object.entries(fields).map(([name, item]) => [name, unmarshalValue(item, urns)]));
}

function unmarshalSpecial(
  signature: JavaScriptValue,
  fields: Record<string, JavaScriptValue>,
  urns: Set<string>,
): Value {
  const { value } = fields;
  switch (signature) {
    case signatures.secret:
      return new Secret(reveal(unmarshalValue(value ?? null, urns)));
    case signatures.output: {
      const { dependencies } = fields;
      for (const urn of textsOf(dependencies)) urns.add(urn);
      const inner = value === undefined ? unknown : unmarshalValue(value, urns);
      return fields["secret"] === true ? new Secret(reveal(inner)) : inner;
    }
    case signatures.resource: {
      const { urn, id, packageVersion } = fields;
      const knownId = id === "" || id === unknownText ? unknown : id;
      return new ResourceReference(
        typeof urn === "string" ? urn : "",
        typeof knownId === "string" || knownId instanceof Unknown ? knownId : undefined,
        typeof packageVersion === "string" ? packageVersion : undefined,
      );
    }
    case signatures.asset:
    case signatures.archive:
      throw new Fault("assets and archives are not in the embedded engine; install Pulumi to use them");
    default:
      throw new Fault(`the program sent a value of an unknown kind (signature ${JSON.stringify(signature)})`);
  }
}

const textsOf = (list: JavaScriptValue | undefined): string[] =>
  Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];

function marshalValue(value: Value, options: MarshalOptions): JavaScriptValue {
  if (value instanceof Unknown) return unknownText;
  if (value instanceof Secret) {
    const inner = marshalValue(value.value, options);
    return options.secrets ? { [signatureKey]: signatures.secret, value: inner } : inner;
  }
  if (value instanceof ResourceReference) return marshalReference(value, options);
  if (isList(value)) return value.map((item) => marshalValue(item, options));
  if (isPropertyMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, marshalValue(item, options)]),
    );
  }
  return value;
}

function marshalReference(
  { urn, id, packageVersion }: ResourceReference,
  options: MarshalOptions,
): JavaScriptValue {
  const idText = id instanceof Unknown ? unknownText : id;
  if (!options.resources) return idText ?? urn;
  return {
    [signatureKey]: signatures.resource,
    urn,
    ...(idText === undefined ? {} : { id: idText }),
    ...(packageVersion === undefined ? {} : { packageVersion }),
  };
}
