import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import type { Result } from "../support/run";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("el6", "el7");

/** Others who write on the same host: the administrator, and scripts/local-trust.sh. */
describe.skipIf(why !== undefined)(`beside others on a host ${why ?? ""}`, () => {
  const hosts = new TestHosts();
  let target: TrustTarget;

  beforeAll(async () => {
    target = await TrustTarget.start();
  });
  afterAll(async () => {
    target.close();
    await hosts.remove();
  });
  const asked = (extra = {}) => ({ target, key: hosts.key, extra });

  it.each(["/etc/hosts", "/etc/pki/tls/certs/ca-bundle.crt"])(
    "lines in %s without one of their markers are refused, and nothing is lost",
    async (file) => {
      const host = await hosts.start("el6", `el6-${file.length}`);
      const before = await host.snapshot();
      expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
      const whole = await host.must(`cp -p ${file} /tmp/whole && cat ${file}`);
      for (const marker of ["begin", "end"]) {
        await host.must(
          `{ sed '/^# private-registry test ${marker}$/d' /tmp/whole; echo '# the last line, of the administrator'; } >/tmp/edited && cat /tmp/edited >${file}`,
        );
        const edited = await host.snapshot();
        const other = marker === "begin" ? "end" : "begin";
        const line =
          whole.split("\n").indexOf(`# private-registry test ${other}`) + (marker === "begin" ? 0 : 1);
        const said = `${file}, line ${line}, was changed by somebody else: "# private-registry test ${other}"`;
        for (const verb of ["install", "probe"] as const) {
          const { answer } = await onHost(host, verb, asked());
          expect(answer.failed, verb).toMatch(/^not as it was left: /);
          expect(answer.failed, verb).toContain(said);
        }
        const removal = await onHost(host, "remove", asked());
        expect(removal.code).toBe(1);
        expect(removal.output).toContain(said);
        expect(await host.snapshot()).toEqual(edited);
      }
      await host.must(`cat /tmp/whole >${file}`);
      expect((await onHost(host, "remove", asked())).code).toBe(0);
      expect(await host.snapshot()).toEqual(before);
    },
    120_000,
  );

  /** scripts/local-trust.sh for the stack `test` on a host. */
  function localTrust(host: TestHost): (verb: string) => Promise<Result> {
    for (const room of ["scripts", "components"])
      execFileSync("docker", ["cp", room, `${host.container}:/tmp/${room}`]);
    const [name = "", port = ""] = target.registry.split(":");
    return (verb) =>
      host.sh(
        `cat >/tmp/ca.pem <<'PEM'\n${target.ca.certificate}PEM\nSTACK=test HOSTNAME_=${name} PORT=${port} ADDRESS=${target.ip} sh /tmp/scripts/local-trust.sh ${verb} </tmp/ca.pem`,
      );
  }

  it("the registry's own machine: a host takes over what local-trust.sh put there, which then leaves it alone", async () => {
    const host = await hosts.start("el7");
    const before = await host.snapshot();
    const local = localTrust(host);
    const first = await local("install");
    expect(first.code, first.output).toBe(0);
    const { answer, output } = await onHost(host, "install", asked());
    expect(answer.failed, output).toBeUndefined();
    expect(output).not.toContain("removed");
    const trusting = await host.snapshot();
    for (const verb of ["install", "remove", "install"])
      expect(await local(verb)).toMatchObject({ code: 0, output: "" });
    expect((await local("status")).output).toMatch(/present .*certs\.d[^]*present .*\/etc\/hosts/);
    expect(await host.snapshot()).toEqual(trusting);
    expect((await onHost(host, "probe", asked())).answer).toEqual({ generation: "g1" });
    expect((await onHost(host, "remove", asked())).code).toBe(0);
    expect(await host.snapshot()).toEqual(before);
    expect((await local("install")).output).toContain("wrote    /etc/hosts");
    expect((await local("remove")).code).toBe(0);
    expect(await host.snapshot()).toEqual(before);
  });

  it("local-trust.sh's record as it was called first is taken over, and is not a stack's of that name", async () => {
    const host = await hosts.start("el7", "former");
    const before = await host.snapshot();
    const local = localTrust(host);
    const former = "cd /var/lib/private-registry && mv local:test local-trust-test";
    expect((await local("install")).code).toBe(0);
    await host.must(former);
    for (const verb of ["install", "status"]) expect(await local(verb)).toMatchObject({ code: 0 });
    const trusting = await host.snapshot();

    const other = await TrustTarget.start();
    try {
      const namesake = { ...asked(), target: other, stack: "local-trust-test" };
      // Nothing of its own is there yet.
      expect((await onHost(host, "probe", namesake)).answer).toEqual({});
      const { answer, output } = await onHost(host, "install", namesake);
      expect(answer.failed, output).toBeUndefined();
      expect(output).not.toContain("removed");
      expect((await local("status")).code).toBe(0);
      expect((await onHost(host, "remove", namesake)).code).toBe(0);
    } finally {
      other.close();
    }
    await host.must(former);
    expect(await host.snapshot()).toEqual(trusting);

    expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
    await host.must("test ! -e /var/lib/private-registry/local-trust-test");
    expect((await onHost(host, "remove", asked())).code).toBe(0);
    expect(await host.snapshot()).toEqual(before);
  });
});
