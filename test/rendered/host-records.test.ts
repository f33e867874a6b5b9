import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("el7");

/** What a host has on record, and what rests on it: whose it is, what is ours on it, what is still to do. */
describe.skipIf(why !== undefined)(`what is on record on a host ${why ?? ""}`, () => {
  const hosts = new TestHosts();
  let target: TrustTarget;
  let host: TestHost;
  let before: string[];

  beforeAll(async () => {
    [host, target] = await Promise.all([hosts.start("el7"), TrustTarget.start()]);
    await host.must("/usr/sbin/sshd -p 2222");
    before = await host.snapshot();
  });
  afterEach(async () => {
    await onHost(host, "remove", asked());
    expect(await host.snapshot()).toEqual(before);
  });
  afterAll(async () => {
    target.close();
    await hosts.remove();
  });
  const asked = (extra = {}) => ({ target, key: hosts.key, extra });

  it.each([
    ["renamed", () => ({ name: "renamed" }), /is now the host renamed 172/],
    ["at another address", () => ({ address: `::ffff:${host.address}` }), /is now the host el7 ::ffff:/],
    ["at another port", () => ({ port: 2222 }), /is now the host el7 [0-9.]+:2222/],
  ])("a host that is %s in the settings keeps its trust when the old entry is removed", async (_what, extra, said) => {
    expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
    expect((await onHost(host, "install", asked(extra()))).answer.failed).toBeUndefined();
    const installed = await host.snapshot();
    const old = await onHost(host, "remove", asked());
    expect(old.code, old.output).toBe(0);
    expect(old.output).toMatch(said);
    expect(await host.snapshot()).toEqual(installed);
    expect((await onHost(host, "verify", asked(extra()))).answer["proof"]).toContain("answered 401");
    expect((await onHost(host, "remove", asked(extra()))).code).toBe(0);
  });
});
