import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { schema } from "../../../components/settings/schema";
import { files } from "../../support/files";
import { runProgram, type Run } from "../../support/program";
import { minimal, parse } from "../../support/settings";

/** Text that ends a directive, a line, a string or a command in one of the languages that settings get into. */
const hostile = [
  'x"; return 200 "owned',
  "x'; id; '",
  "x\nroot:{PLAIN}owned",
  "x\r\nSet-Cookie: owned",
  "x; include /etc/passwd;",
  "x}\nserver { listen 81; }",
  "$(id)",
  "`id`",
  "${PATH}",
  "$http_host owned",
  "x && id",
  "x | id",
  "x\\\nowned",
  "x # owned",
  "{{ .Owned }}",
  "x: {owned: true}",
  "- owned",
  "!!js/function owned",
  "--privileged owned",
  "x\u0000owned",
  "x\u2028owned",
];

type Path = readonly (string | number)[];

interface Type {
  readonly def: { type: string; innerType?: Type; element?: Type };
  readonly shape?: Readonly<Record<string, Type>>;
}

/** Every place in the settings that takes text. */
function textSettings(type: Type, at: Path = []): Path[] {
  const { innerType, element } = type.def;
  if (type.shape)
    return Object.entries(type.shape).flatMap(([key, inner]) => textSettings(inner, [...at, key]));
  if (innerType) return textSettings(innerType, at);
  if (element) return textSettings(element, [...at, 0]);
  return ["string", "enum"].includes(type.def.type) ? [at] : [];
}

const paths = textSettings(schema);

/** `settings` with `text` at `path`. */
function withText(
  settings: Readonly<Record<string, unknown>>,
  path: Path,
  text: string,
): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone(settings);
  let place: Record<string | number, unknown> = copy;
  path.forEach((part, index) => {
    if (index === path.length - 1) place[part] = text;
    else place = (place[part] ??= typeof path[index + 1] === "number" ? [] : {}) as typeof place;
  });
  return copy;
}

function accepted(path: Path, text: string): boolean {
  try {
    parse(withText(minimal, path, text));
    return true;
  } catch {
    return false;
  }
}

describe("text that tries to break out", () => {
  it("has been tried on every text setting there is", () => {
    const names = paths.map((path) => path.join("."));
    for (const name of [
      "hostname",
      "dataPath",
      "users.0.name",
      "users.0.password",
      "certificate.subject.commonName",
      "images.registry",
    ]) {
      expect(names).toContain(name);
    }
    expect(names.length).toBeGreaterThan(15);
  });

  // What a person may write freely; see the next test for where it arrives.
  const free = /^users\.0\.password$|^certificate\.subject\./;

  it.each(paths.filter((path) => !free.test(path.join("."))).map((path) => ({ path, name: path.join(".") })))(
    "is refused in $name",
    ({ path }) => {
      expect(hostile.filter((text) => accepted(path, text))).toEqual([]);
    },
  );

  const freePaths = paths.filter((path) => free.test(path.join(".")));
  const harmless = freePaths.reduce<Record<string, unknown>>(
    (all, path) => withText(all, path, fitting(path, "CN")),
    minimal,
  );
  let expected: unknown;
  beforeAll(async () => {
    expected = skeleton(await runProgram(harmless));
  });

  it.each(hostile)(
    "is refused or mere data in a password and in the authority's subject: %j",
    async (text) => {
      const places = freePaths.filter((path) => accepted(path, fitting(path, text)));
      if (/[\0-\x1f\u2028]/.test(text)) expect(places).toEqual([]);
      else expect(places.length).toBeGreaterThan(5);
      const settings = places.reduce((all, path) => withText(all, path, fitting(path, text)), harmless);
      expect(skeleton(await runProgram(settings))).toEqual(expected);
    },
  );

  /** A password must have a length. */
  function fitting(path: Path, text: string): string {
    return path.at(-1) === "password" ? text.padEnd(12, ".,:;-") : text;
  }
});

/** All that gets into a file, a command line or an environment, but for the hashes and what depends on them. */
function skeleton(run: Run): unknown {
  const revision = /rev-[0-9a-f]{16}/g;
  return run.resources
    .filter(({ type }) => !type.startsWith("tls:"))
    .map((resource) => ({
      name: resource.name,
      inputs: JSON.parse(
        JSON.stringify({ ...resource.inputs, stdin: undefined })
          .replace(revision, "rev")
          .replace(/regtest-program-\w+/g, "folder"),
      ) as unknown,
      files:
        "stdin" in resource.inputs
          ? JSON.stringify(files(resource))
              .replace(revision, "rev")
              .replace(/\$2y\$08\$[\w./]{53}/, "hash")
          : "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

it("compares what it says it compares", async () => {
  const [one, two] = [await runProgram(), await runProgram({ hostname: "other.example.com" })];
  expect(isDeepStrictEqual(skeleton(one), skeleton(two))).toBe(false);
});
