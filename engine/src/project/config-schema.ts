import { isObject, isSecure, textOf, type ConfigTree } from "./config-tree";

/** What Pulumi.yaml says about one configuration value. */
export interface ConfigDeclaration {
  /** Absent: any value. */
  readonly type?: ConfigType;
  readonly description?: string;
  /** The value must be encrypted in Pulumi.STACK.yaml. */
  readonly secret: boolean;
  /** Used where the stack says nothing; `undefined`: the value is required (in the project's own namespace). */
  readonly value?: ConfigTree;
}

export interface ConfigType {
  readonly name: "string" | "integer" | "boolean" | "object" | "array";
  /** Of an array: its items. */
  readonly items?: ConfigType;
}

const TYPES: readonly string[] = ["string", "integer", "boolean", "object", "array"];

/** Reads `config:` of Pulumi.yaml; what is wrong is added to `faults` in the CLI's words. */
export function readDeclarations(
  config: ConfigTree,
  project: string,
  faults: string[],
): ReadonlyMap<string, ConfigDeclaration> {
  const declarations = new Map<string, ConfigDeclaration>();
  if (config === null) return declarations;
  if (!(config instanceof Map)) {
    faults.push('"config" must be a map');
    return declarations;
  }
  for (const [key, entry] of config) {
    const own = !key.includes(":") || key.startsWith(`${project}:`);
    // A bare value is short for a default (of the project's own keys) or a fixed value (of a package's).
    const fields = entry instanceof Map ? entry : new Map([[own ? "default" : "value", entry]]);
    declarations.set(key, readDeclaration(key, fields, own, faults));
  }
  return declarations;
}

function readDeclaration(
  key: string,
  fields: ReadonlyMap<string, ConfigTree>,
  own: boolean,
  faults: string[],
): ConfigDeclaration {
  const type = readType(key, fields, faults);
  const standard = fields.get("default");
  const fixed = fields.get("value");
  const description = fields.get("description");
  if (standard !== undefined && fixed !== undefined) {
    faults.push(`project config '${key}' cannot have both a 'default' and 'value' attribute`);
  }
  if (!own) {
    if (type !== undefined) {
      faults.push(`Configuration key '${key}' is not namespaced by the project and should not define a type`);
    }
    if (standard !== undefined) {
      faults.push(
        `Configuration key '${key}' is not namespaced by the project and should not define a default value. ` +
          "Did you mean to use the 'value' attribute instead of 'default'?",
      );
    }
    if (fixed === undefined)
      faults.push(`Configuration key '${key}' is namespaced and must provide an attribute 'value'`);
  }
  if (type !== undefined && standard !== undefined && !fits(type, standard)) {
    faults.push(
      `The default value specified for configuration key '${key}' is not of the expected type '${typeName(type)}'`,
    );
  }
  const value = standard ?? fixed;
  return {
    ...(type === undefined ? {} : { type }),
    ...(typeof description === "string" ? { description } : {}),
    secret: fields.get("secret") === true,
    ...(value === undefined ? {} : { value }),
  };
}

function readType(
  key: string,
  fields: ReadonlyMap<string, ConfigTree>,
  faults: string[],
): ConfigType | undefined {
  const name = fields.get("type");
  if (name === undefined) return undefined;
  if (typeof name !== "string" || !TYPES.includes(name)) {
    faults.push(
      `configuration key '${key}' has the type ${JSON.stringify(name)}; it takes: ${TYPES.join(", ")}`,
    );
    return undefined;
  }
  const items = fields.get("items");
  if (name === "array" && !(items instanceof Map)) {
    faults.push(
      `The configuration key '${key}' declares an array but does not specify the underlying type via the 'items' attribute`,
    );
  }
  const itemType = items instanceof Map ? readType(`${key} items`, items, faults) : undefined;
  return { name: name as ConfigType["name"], ...(itemType === undefined ? {} : { items: itemType }) };
}

/** What is wrong with a stack's value; `undefined`: nothing. `decrypted` holds no ciphertext any more. */
export function valueFault(
  stack: string,
  key: string,
  { type, secret }: ConfigDeclaration,
  value: ConfigTree,
  decrypted: ConfigTree,
): string | undefined {
  if (type === undefined) return undefined;
  const start = `Stack '${stack}' with configuration key '${key}' must be`;
  if (secret && !isSecure(value)) return `${start} encrypted as it's secret`;
  // At the top level every scalar is a text to the program, whatever it looks like in the file.
  const content = isObject(decrypted) ? decrypted : textOf(decrypted, (text) => text);
  return fits(type, content) ? undefined : `${start} of type '${typeName(type)}'`;
}

export function typeName(type: ConfigType): string {
  return type.name === "array" && type.items !== undefined ? `array<${typeName(type.items)}>` : type.name;
}

function fits(type: ConfigType, value: ConfigTree): boolean {
  switch (type.name) {
    case "string":
      return typeof value === "string";
    case "integer":
      if (typeof value === "string") return /^[-+]?\d+$/.test(value);
      return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return value instanceof Map;
    case "array": {
      const { items } = type;
      return Array.isArray(value) && items !== undefined && value.every((item) => fits(items, item));
    }
  }
}
