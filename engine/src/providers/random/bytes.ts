import * as crypto from "node:crypto";
import { drawnType } from "./drawn";

/** `random:index/randomBytes:RandomBytes`: `length` bytes as base64 and hex; the id is the base64. */
export const randomBytes = drawnType({
  shape: { length: { kind: "number", required: true }, keepers: { kind: "map of text" } },
  defaults: {},
  drawn: ["base64", "hex"],
  faults: ({ length }) =>
    typeof length === "number" && !(Number.isInteger(length) && length >= 1)
      ? [{ property: "length", reason: `takes a whole number from 1 on; found ${length}` }]
      : [],
  draw: ({ length }) => {
    const bytes = crypto.randomBytes(length as number);
    const base64 = bytes.toString("base64");
    return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
  },
});
