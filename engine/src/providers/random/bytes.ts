import * as crypto from "node:crypto";
import { drawnType, type DrawnValue } from "./drawn";

/** `random:index/randomBytes:RandomBytes`: `length` bytes as base64 and hex; the id is the base64. */
export const randomBytes = drawnType({
  shape: { length: { kind: "number", required: true }, keepers: { kind: "map of text" } },
  defaults: {},
  drawn: ["base64", "hex"],
  faults: ({ length }) =>
    typeof length === "number" && !(Number.isInteger(length) && length >= 1)
      ? [{ property: "length", reason: `takes a whole number from 1 on; found ${length}` }]
      : [],
  draw: ({ length }) => asText(crypto.randomBytes(length as number)),
  recall: (id) => {
    const bytes = Buffer.from(id, "base64");
    // Node reads over what is not base64.
    if (bytes.toString("base64") !== id) {
      throw new Error(
        "Import Random bytes Error: There was an error during the parsing of the base64 string.",
      );
    }
    const { outputs, ...value } = asText(bytes);
    return { ...value, outputs: { ...outputs, length: bytes.length } };
  },
});

function asText(bytes: Buffer): DrawnValue {
  const base64 = bytes.toString("base64");
  return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
}
