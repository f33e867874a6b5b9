import { expect, it } from "vitest";
import { annotateSecrets } from "../../src/deployment/annotate";
import { provider as command } from "../../src/providers/command";
import { provider as random } from "../../src/providers/random";
import { Secret } from "../../src/values/value";

const origin = {
  list: ["a", new Secret("b"), { inner: [new Secret("c"), "d"] }],
  map: { open: "e", hidden: new Secret("f") },
  all: new Secret(["g"]),
};
const bare = {
  list: ["a", "b", { inner: ["c", "d"] }],
  map: { open: "e", hidden: "f" },
  all: ["g"],
  own: "h",
};

it("an element of a list stays as secret as it was, where the plugin keeps it so (as the real command plugin)", () => {
  const type = command.configure({}).resources["command:local:Command"];
  expect(annotateSecrets(bare, origin, type ?? {})).toEqual({ ...origin, own: "h" });
  // Longer or shorter than it was: what has no counterpart is no secret.
  expect(annotateSecrets({ list: ["a", "b", "x", "y"] }, origin, type ?? {})).toEqual({
    list: ["a", new Secret("b"), new Secret("x"), "y"],
  });
});

it("elsewhere the whole list becomes secret (as with the bridged plugins)", () => {
  const type = random.configure({}).resources["random:index/randomString:RandomString"];
  expect(annotateSecrets(bare, origin, type ?? {})).toEqual({
    ...origin,
    list: new Secret(bare.list),
    own: "h",
  });
});
