import { compareSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/random";
import type { OperationContext, ResourceType } from "../../../src/providers/provider";
import { isUnknown, reveal, Secret, type PropertyMap, type Value } from "../../../src/values/value";

const { resources } = provider.configure({});
const urn = "urn:pulumi:dev::test::random:index/randomPassword:RandomPassword::it";
const context: OperationContext = { log: () => undefined, signal: new AbortController().signal };

function type(token: string): ResourceType {
  const found = resources[`random:index/${token}`];
  if (found === undefined) throw new Error(`no ${token}`);
  return found;
}
const password = type("randomPassword:RandomPassword");
const bytes = type("randomBytes:RandomBytes");

function text(value: Value | undefined): string {
  if (typeof value !== "string") throw new Error(`no text: ${JSON.stringify(value)}`);
  return value;
}

async function draw(of: ResourceType, inputs: PropertyMap): Promise<PropertyMap> {
  return (await of.create({ ...context, urn, inputs, preview: false })).outputs;
}

describe("RandomPassword", () => {
  it("has the outputs the real plugin leaves in state (golden/runs/1-create.state.json)", async () => {
    const { id, outputs } = await password.create({
      ...context,
      urn,
      inputs: { length: 32, special: false },
      preview: false,
    });
    expect(id).toBe("none");
    const { result, bcryptHash, ...rest } = outputs;
    expect(result).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(bcryptHash).toMatch(/^\$2a\$10\$/);
    expect(compareSync(text(result), text(bcryptHash))).toBe(true);
    expect(rest).toEqual({
      __meta: '{"schema_version":"3"}',
      __pulumi_raw_state_delta: {
        obj: {
          ps: {
            keepers: new Secret({ replace: { raw: null } }),
            overrideSpecial: new Secret({ replace: { raw: null } }),
          },
        },
      },
      ...{ id: "none", length: 32, lower: true, minLower: 0, minNumeric: 0, minSpecial: 0, minUpper: 0 },
      ...{ number: true, numeric: true, special: false, upper: true },
    });
  });

  it("remembers given keepers as the real plugin does", async () => {
    const outputs = await draw(password, { length: 8, keepers: { a: "1" } });
    expect(outputs["keepers"]).toEqual({ a: "1" });
    expect(reveal(outputs["__pulumi_raw_state_delta"] ?? null)).toEqual({
      obj: { ps: { keepers: { map: {} }, overrideSpecial: { replace: { raw: null } } } },
    });
  });

  it("draws at least as many of each class as it was asked for, and nothing that was excluded", async () => {
    for (let round = 0; round < 20; round++) {
      const { result } = await draw(password, {
        ...{ length: 12, minUpper: 3, minNumeric: 4, lower: false, overrideSpecial: "_", minSpecial: 2 },
      });
      const drawn = text(result);
      expect(drawn).toHaveLength(12);
      expect(drawn.replace(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(3);
      expect(drawn.replace(/\D/g, "").length).toBeGreaterThanOrEqual(4);
      expect(drawn.replace(/[^_]/g, "").length).toBeGreaterThanOrEqual(2);
      expect(drawn).toMatch(/^[A-Z0-9_]+$/);
    }
  });

  it("uses every character about equally often", async () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 4; round++) {
      const { result } = await draw(password, { length: 2500, special: false, upper: false, lower: false });
      for (const character of text(result)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    // 10,000 draws of 10: 1,000 each, standard deviation 30.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it("says in a preview what is known, and what will be drawn", async () => {
    const { id, outputs } = await password.create({ ...context, urn, inputs: { length: 9 }, preview: true });
    expect(id).toBeUndefined();
    expect(outputs["length"]).toBe(9);
    for (const name of ["result", "bcryptHash", "id"]) expect(isUnknown(outputs[name] ?? null)).toBe(true);
  });

  it("sees no difference where only a default was left out, and replaces for any other", async () => {
    const oldInputs = { length: 20, special: false };
    const oldOutputs = await draw(password, oldInputs);
    const diff = (news: PropertyMap) =>
      password.diff({ urn, id: "none", oldInputs, oldOutputs, news, ignoreChanges: [] });
    expect((await diff({ length: 20, special: false, lower: true, number: true })).changes).toBe("none");
    // As the real plugin 4.21.2 answered: names sorted, no detail.
    expect(await diff({ length: 20, overrideSpecial: "_-" })).toEqual({
      changes: "some",
      diffs: ["overrideSpecial", "special"],
      replaces: ["overrideSpecial", "special"],
      deleteBeforeReplace: false,
    });
    expect((await diff({ length: 21, special: false, keepers: { a: "2" } })).replaces).toEqual([
      "keepers",
      "length",
    ]);
  });

  it("names every wrong input at once", async () => {
    const { failures } = await password.check({ urn, news: { length: "8", lenght: 3, upper: "yes" } });
    expect(failures).toEqual([
      { property: "length", reason: "takes a number" },
      { property: "lenght", reason: expect.stringContaining("did you mean length?") as string },
      { property: "upper", reason: "takes a boolean" },
    ]);
    const tooShort = await password.check({ urn, news: { length: 3, minLower: 2, minUpper: 2 } });
    expect(tooShort.failures[0]?.reason).toContain("(4); found 3");
    const nothing = await password.check({
      urn,
      news: { length: 3, lower: false, upper: false, numeric: false, special: false },
    });
    expect(nothing.failures).toHaveLength(1);
    expect((await password.check({ urn, news: {} })).failures).toEqual([
      { property: "length", reason: "is missing" },
    ]);
  });
});

describe("RandomBytes", () => {
  it("gives the same bytes as base64, hex and id", async () => {
    const { id, outputs } = await bytes.create({ ...context, urn, inputs: { length: 16 }, preview: false });
    expect(Buffer.from(text(outputs["hex"]), "hex")).toHaveLength(16);
    expect(Buffer.from(text(outputs["hex"]), "hex").toString("base64")).toBe(outputs["base64"]);
    expect(id).toBe(outputs["base64"]);
    expect(Object.keys(outputs).sort()).toEqual(["__pulumi_raw_state_delta", "base64", "hex", "length"]);
  });

  it("refuses a length that is none", async () => {
    for (const length of [0, -1, 1.5]) {
      expect((await bytes.check({ urn, news: { length } })).failures[0]?.reason).toContain(`found ${length}`);
    }
  });
});

describe("reading by id (RandomString.get)", () => {
  const read = (of: ResourceType, id: string, given: PropertyMap = {}) =>
    of.read?.({ ...context, urn, id, inputs: given, outputs: given });
  const drawnText = {
    __pulumi_raw_state_delta: {
      obj: {
        ps: {
          keepers: new Secret({ replace: { raw: null } }),
          overrideSpecial: new Secret({ replace: { raw: null } }),
        },
      },
    },
    ...{ length: 4, lower: true, minLower: 0, minNumeric: 0, minSpecial: 0, minUpper: 0 },
    ...{ number: true, numeric: true, special: true, upper: true },
    result: "abcd",
  };

  it("has the outputs that the real plugin 4.21.2 gives", async () => {
    expect(await read(type("randomString:RandomString"), "abcd")).toEqual({
      id: "abcd",
      inputs: {},
      outputs: { ...drawnText, __meta: '{"schema_version":"2"}', id: "abcd" },
    });
    // The id of a password is the password itself: it must not stay.
    const secret = await read(password, "abcd");
    const { bcryptHash, ...outputs } = secret?.outputs ?? {};
    expect(secret?.id).toBe("none");
    expect(outputs).toEqual({ ...drawnText, __meta: '{"schema_version":"3"}', id: "none" });
    expect(compareSync("abcd", text(bcryptHash))).toBe(true);
    expect(await read(bytes, "YWJj")).toEqual({
      id: "YWJj",
      inputs: {},
      outputs: {
        __pulumi_raw_state_delta: { obj: { ps: { keepers: new Secret({ replace: { raw: null } }) } } },
        base64: "YWJj",
        hex: "616263",
        length: 3,
      },
    });
  });

  it("refuses what it cannot make sense of, and leaves what was drawn as it is", async () => {
    await expect(read(bytes, "not base64!")).rejects.toThrow("error during the parsing of the base64 string");
    await expect(read(password, "abcd", { length: 7, special: false })).rejects.toThrow(
      "from its id alone; found also: length, special",
    );
    const outputs = await draw(password, { length: 8 });
    expect(await password.read?.({ ...context, urn, id: "none", inputs: { length: 8 }, outputs })).toEqual({
      id: "none",
      inputs: { length: 8 },
      outputs,
    });
  });
});
