import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { unmarshal } from "./marshal";
import { outputValue } from "./special-values";

/** Which resources the values of each property say they come from; every property is named. */
export function dependenciesOfOutputs(properties: Struct | undefined): Map<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  unmarshal(properties, found);
  const names = Object.keys(properties?.toJavaScript() ?? {});
  return new Map(names.map((name) => [name, found.get(name) ?? new Set<string>()]));
}

/** The properties of `request`, each as an output value that says what the request says of where it comes from. */
export function withDependencies(
  properties: Struct,
  request: RegisterResourceRequest,
): Record<string, JavaScriptValue> {
  const told = request.getPropertydependenciesMap();
  const known = dependenciesOfOutputs(properties);
  return Object.fromEntries(
    Object.entries(properties.toJavaScript()).map(([name, value]) => {
      const wanted =
        told.getLength() === 0 ? request.getDependenciesList() : (told.get(name)?.getUrnsList() ?? []);
      const has = known.get(name) ?? new Set();
      if (wanted.every((urn) => has.has(urn))) return [name, value];
      return [name, outputValue(value, wanted)];
    }),
  );
}
