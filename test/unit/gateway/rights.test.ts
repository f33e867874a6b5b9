import { expect, it } from "vitest";
import { renderAccess, renderChosen, renderRepositories } from "../../../components/gateway/rights";
import { faults, parse } from "../../support/settings";

const { users } = parse({
  users: [
    { name: "admin", access: "admin" },
    { name: "a.b@example.com", access: "push", repositories: ["team.a/*", "shared/base"] },
    { name: "all", access: "pull", repositories: ["team/*", "*"] },
    { name: "default", access: "pull", password: "chosen by a person" },
  ],
});

it("has a line a user: what, and whether everywhere", () => {
  expect(renderAccess(users)).toBe(
    [
      '"admin" "admin everywhere";',
      '"a.b@example.com" "push listed";',
      '"all" "pull everywhere";',
      // Without the backslash it would be what counts for everybody else.
      '"\\default" "pull everywhere";',
      "",
    ].join("\n"),
  );
});

it("has a line a pattern of a user who is limited: a folder as a pattern, a repository as it is", () => {
  expect(renderRepositories(users)).toBe(
    ['"~^a\\.b@example\\.com team\\.a/" yes;', '"a.b@example.com shared/base" yes;', ""].join("\n"),
  );
});

it("has a line a user whose password a person chose", () => {
  expect(renderChosen(users)).toBe('"\\default" yes;\n');
});

it("refuses users whose names differ in case only: nginx would take one's rights for the other's", () => {
  const list = ["ci", "CI"].map((name) => ({ name, access: "pull" }));
  expect(faults({ users: list })).toEqual([
    'private-registry:users[1].name is taken already by users[0]; found "CI"',
  ]);
});

it("refuses a second address on the port of the first", () => {
  expect(faults({ port: 8001, anonymousPullPort: 8001 })).toEqual([
    "private-registry:anonymousPullPort must be another port than port (8001): clients cannot both log in and not",
  ]);
  expect(parse({ anonymousPullPort: 8001 }).anonymousPullPort).toBe(8001);
  expect(parse().anonymousPullPort).toBeUndefined();
});
