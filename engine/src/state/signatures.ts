/**
 * The key that marks an object in the state as something other than plain data, and what it says
 * (`sdk/go/common/resource/sig` of Pulumi).
 */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** NaN and infinities: eight bytes in hexadecimal. */
export const FLOAT = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c";

/** Not in the embedded engine; what each is called in messages. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  d0e6a833031e9bbcd3f4e8bde6ca49a4: "an output value",
  "803fd3297a5875dc03ca845dda5d2a98": "a string that is not UTF-8",
};

/** What the CLI writes where a value was not known: in the outputs of a stack of which only a part was deployed. */
export const UNKNOWN_PLACEHOLDER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
