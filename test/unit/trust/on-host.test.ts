import { describe, expect, it } from "vitest";
import { askHosts, failureOf } from "../../../components/trust/on-host";
import { parse } from "../../support/settings";

it("asks this machine without SSH, which has an answer though nothing of ours is on it", async () => {
  const { hosts } = parse({ hosts: [{ name: "here", address: "local" }] });
  const variables = { stack: "regtest-no-such-stack", registry: "registry.example.com:8000" };
  const answers = await askHosts(hosts, "probe", { sshPrivateKey: undefined }, variables);
  expect([...answers]).toEqual([["here", {}]]);
});

describe("a host counts as trusting", () => {
  it.each([
    ["when it has proved it", { proof: "401" }, undefined],
    ["not with a reason why", { failed: "sudo: no", proof: "401" }, "sudo: no"],
    ["not by anything else", { system: "Debian" }, "no answer: nothing was proved"],
    ["not without an answer", undefined, "no answer: nothing was proved"],
  ])("%s", (_when, answer, failure) => {
    expect(failureOf(answer)).toBe(failure);
  });
});
