import { sameValue } from "../../src/deployment/equality";
import { providers } from "../../src/providers";
import type { Provider, ResourceType } from "../../src/providers/provider";
import { isUnknown } from "../../src/values/value";

/** Types of the golden program that stand in where the engine does not have them (yet), and what replaces them. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  command: ["command:remote:Command"],
  tls: [
    "tls:index/privateKey:PrivateKey",
    "tls:index/selfSignedCert:SelfSignedCert",
    "tls:index/certRequest:CertRequest",
    "tls:index/locallySignedCert:LocallySignedCert",
  ],
};
const versions: Readonly<Record<string, string>> = { command: "1.2.1", tls: "5.6.1" };

/** The types that are doubled: of those, only operations are worth comparing. */
export const doubled: ReadonlySet<string> = new Set(
  Object.entries(wanted).flatMap(([name, types]) => {
    const known = providers[name]?.configure({}).resources ?? {};
    return types.filter((type) => !Object.hasOwn(known, type));
  }),
);

/** The engine's providers, with doubles for the types that are missing. */
export function providersWithDoubles(): Readonly<Record<string, Provider>> {
  const doubles = Object.keys(wanted).map((name): [string, Provider] => [name, withDoubles(name)]);
  return { ...providers, ...Object.fromEntries(doubles) };
}

function withDoubles(name: string): Provider {
  const real = providers[name];
  return {
    ...(real ?? { name, version: versions[name] ?? "" }),
    configure(inputs) {
      const { resources = {}, functions = {} } = real?.configure(inputs) ?? {};
      const types = (wanted[name] ?? []).filter((type) => doubled.has(type));
      const replacesAlways = name === "tls";
      return {
        resources: {
          ...resources,
          ...Object.fromEntries(types.map((type) => [type, double(replacesAlways)])),
        },
        functions,
      };
    },
  };
}

/** Takes its inputs for outputs; a changed input is a change. */
const double = (replacesAlways: boolean): ResourceType => ({
  check: ({ news }) => Promise.resolve({ inputs: news, failures: [] }),
  diff({ oldInputs, news }) {
    const diffs = Object.keys(news).filter((name) => {
      const [before, after] = [oldInputs[name] ?? null, news[name] ?? null];
      return isUnknown(after) || !sameValue(before, after);
    });
    return Promise.resolve({
      changes: diffs.length > 0 ? "some" : "none",
      replaces: replacesAlways ? diffs : [],
      diffs,
      deleteBeforeReplace: false,
      detailedDiff: Object.fromEntries(
        diffs.map((name) => [
          // Where a list has changed, real plugins name the place in it.
          Array.isArray(news[name]) ? `${name}[0]` : name,
          { kind: "update", inputDiff: false },
        ]),
      ),
    });
  },
  create: ({ inputs }) => Promise.resolve({ outputs: inputs }),
  update: ({ inputs }) => Promise.resolve(inputs),
  delete: () => Promise.resolve(),
});
