/** One configuration value as the program gets it: the full key `namespace:name`, always text, decrypted. */
export interface ConfigValue {
  readonly value: string;
  readonly secret: boolean;
}

/** The configuration of a stack by full key, decrypted: what PULUMI_CONFIG and its list of secrets are made of. */
export type StackConfig = Readonly<Record<string, ConfigValue>>;
