import * as crypto from "node:crypto";
import { hash } from "bcryptjs";
import type { PropertyMap } from "../../values/value";
import type { CheckFailure } from "../provider";
import type { Shape } from "../shape";
import { drawnType, type Drawn, type DrawnValue } from "./drawn";

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** The plugin's own cost and limit of `bcryptHash`. */
const BCRYPT_COST = 10;
const BCRYPT_BYTES = 72;

const shape: Shape = {
  length: { kind: "number", required: true },
  keepers: { kind: "map of text" },
  lower: { kind: "boolean" },
  minLower: { kind: "number" },
  minNumeric: { kind: "number" },
  minSpecial: { kind: "number" },
  minUpper: { kind: "number" },
  number: { kind: "boolean" },
  numeric: { kind: "boolean" },
  overrideSpecial: { kind: "text" },
  special: { kind: "boolean" },
  upper: { kind: "boolean" },
};

const common = {
  shape,
  synonyms: ["numeric", "number"],
  defaults: {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    number: true,
    numeric: true,
    special: true,
    upper: true,
  },
  faults,
} satisfies Partial<Drawn>;

/** `random:index/randomPassword:RandomPassword`. Its outputs are secret by what the SDK asks for. */
export const randomPassword = drawnType({
  ...common,
  schemaVersion: 3,
  drawn: ["bcryptHash", "id", "result"],
  draw: (inputs) => password(drawText(inputs)),
  recall: async (id) => withLength(await password(id)),
});

/** `random:index/randomString:RandomString`: as a password, but no secret. */
export const randomString = drawnType({
  ...common,
  schemaVersion: 2,
  drawn: ["id", "result"],
  draw: (inputs) => text(drawText(inputs)),
  recall: (id) => withLength(text(id)),
});

async function password(result: string): Promise<DrawnValue> {
  // bcryptjs reads no further than bcrypt itself does; the plugin cuts there, too.
  const bcryptHash = await hash(Buffer.from(result).subarray(0, BCRYPT_BYTES).toString(), BCRYPT_COST);
  return { id: "none", outputs: { bcryptHash: bcryptHash.replace("$2b$", "$2a$"), id: "none", result } };
}

const text = (result: string): DrawnValue => ({ id: result, outputs: { id: result, result } });

/** As the plugin measures a value it is given: in bytes. */
const withLength = ({ id, outputs }: DrawnValue): DrawnValue => ({
  id,
  outputs: { ...outputs, length: Buffer.byteLength(outputs["result"] as string) },
});

interface CharacterClass {
  readonly characters: string;
  readonly used: boolean;
  readonly least: number;
}

function classes(inputs: PropertyMap): CharacterClass[] {
  const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : "";
  const least = (name: string) => (typeof inputs[name] === "number" ? inputs[name] : 0);
  return [
    { characters: UPPER, used: inputs["upper"] === true, least: least("minUpper") },
    { characters: LOWER, used: inputs["lower"] === true, least: least("minLower") },
    { characters: DIGITS, used: inputs["numeric"] === true, least: least("minNumeric") },
    {
      characters: special === "" ? SPECIAL : special,
      used: inputs["special"] === true,
      least: least("minSpecial"),
    },
  ];
}

function faults(inputs: PropertyMap): CheckFailure[] {
  const { length } = inputs;
  if (typeof length !== "number") return [];
  if (!Number.isInteger(length) || length < 1) {
    return [{ property: "length", reason: `takes a whole number from 1 on; found ${length}` }];
  }
  const sum = classes(inputs).reduce((total, { least }) => total + least, 0);
  if (length < sum) {
    return [
      { property: "length", reason: `must be at least the sum of the min… inputs (${sum}); found ${length}` },
    ];
  }
  return classes(inputs).every(({ used }) => !used)
    ? [
        {
          property: "special",
          reason: "or one of upper, lower, numeric must be true: there is nothing to draw from",
        },
      ]
    : [];
}

/** The least of each class, the rest from all that are used, in random order; without bias. */
function drawText(inputs: PropertyMap): string {
  const all = classes(inputs);
  const length = inputs["length"] as number;
  const drawn = all.flatMap(({ characters, least }) => Array.from({ length: least }, () => one(characters)));
  const every = all.map(({ characters, used }) => (used ? characters : "")).join("");
  while (drawn.length < length) drawn.push(one(every));
  for (let index = drawn.length - 1; index > 0; index--) {
    const other = crypto.randomInt(index + 1);
    [drawn[index], drawn[other]] = [drawn[other] ?? "", drawn[index] ?? ""];
  }
  return drawn.join("");
}

function one(characters: string): string {
  const list = Array.from(characters);
  return list[crypto.randomInt(list.length)] ?? "";
}
