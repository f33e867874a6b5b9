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
    await host.unwrap();
    await onHost(host, "remove", asked());
    expect(await host.snapshot()).toEqual(before);
  });
  afterAll(async () => {
    target.close();
    await hosts.remove();
  });
  const asked = (extra = {}) => ({ target, key: hosts.key, extra });
  const installed = async (extra = {}) => {
    const { answer, output } = await onHost(host, "install", asked(extra));
    expect(answer.failed, output).toBeUndefined();
  };
  const curl = () => host.sh(`curl -sS -o /dev/null -w '%{http_code}' https://${target.registry}/v2/`);

  it.each([
    ["renamed", () => ({ name: "renamed" }), /is now the host renamed 172/],
    ["at another address", () => ({ address: `::ffff:${host.address}` }), /is now the host el7 ::ffff:/],
    ["at another port", () => ({ port: 2222 }), /is now the host el7 [0-9.]+:2222/],
  ])(
    "a host that is %s in the settings keeps its trust when the old entry is removed",
    async (_what, extra, said) => {
      await installed();
      await installed(extra());
      const trusting = await host.snapshot();
      const old = await onHost(host, "remove", asked());
      expect(old.code, old.output).toBe(0);
      expect(old.output).toMatch(said);
      expect(await host.snapshot()).toEqual(trusting);
      expect((await onHost(host, "verify", asked(extra()))).answer["proof"]).toContain("answered 401");
      expect((await onHost(host, "remove", asked(extra()))).code).toBe(0);
    },
  );

  it("two stacks on one host leave in any order, each with what is its own", async () => {
    const other = await TrustTarget.start();
    try {
      const second = { ...asked(), target: other, stack: "other" };
      await installed();
      expect((await onHost(host, "install", second)).answer.failed).toBeUndefined();
      expect((await onHost(host, "remove", asked())).code).toBe(0);
      expect((await onHost(host, "verify", second)).answer["proof"]).toContain("answered 401");
      expect((await curl()).output).not.toContain("401");
      expect((await onHost(host, "remove", second)).code).toBe(0);
    } finally {
      other.close();
    }
  });

  it("folders that somebody else uses by now stay, and are forgotten", async () => {
    await installed();
    await host.must("mkdir /etc/docker/certs.d/other:5000 && touch /etc/docker/certs.d/other:5000/ca.crt");
    expect((await onHost(host, "remove", asked())).code).toBe(0);
    await host.must("test -e /etc/docker/certs.d/other:5000/ca.crt && test ! -e /var/lib/private-registry");
    await host.must("rm -r /etc/docker");
  });

  it("a link that was there before comes back, though it leads nowhere", async () => {
    const folder = `/etc/docker/certs.d/${target.registry}`;
    await host.must(`mkdir -p ${folder} && ln -s /nowhere ${folder}/ca.crt`);
    const linked = await host.snapshot();
    await installed();
    expect((await onHost(host, "remove", asked())).code).toBe(0);
    expect(await host.snapshot()).toEqual(linked);
    await host.must("rm -r /etc/docker");
  });

  it("what a failed extraction leaves undone is done by the next run: the old CA leaves the store", async () => {
    await installed();
    const old = target.ca;
    target.ca = TrustTarget.authority();
    expect((await onHost(host, "add", asked())).code).toBe(0);
    target.show(target.ca);
    const next = target.ca;
    await host.wrap("update-ca-trust", "echo 'p11-kit: no' >&2; exit 1");
    expect((await onHost(host, "install", asked())).answer.failed).toMatch(
      /^failed: .*update-ca-trust.*p11-kit: no/,
    );
    await host.unwrap();
    await installed();
    expect((await curl()).output).toBe("401");
    target.show(old);
    expect((await curl()).output, "the old CA").toMatch(/SSL certificate problem/);
    target.show(next);
  });

  it("a restart of Docker that was not reached is made by the next run, by nothing that keeps the lock", async () => {
    await host.wrap("docker", "exit 0");
    await host.wrap(
      "service",
      'echo "$*" >>/tmp/calls; sleep 300 >/dev/null 2>&1 </dev/null & echo $! >/tmp/daemon',
    );
    const right = target.ca;
    target.show(TrustTarget.authority());
    target.ca = right;
    const restart = { restartDocker: true };
    expect((await onHost(host, "install", asked(restart))).answer.failed).toMatch(/^handshake failed/);
    target.show(right);
    // Nothing is left to write; the third one finds nothing at all to do.
    await installed(restart);
    await installed(restart);
    expect(await host.must("cat /tmp/calls; rm /tmp/calls")).toBe("docker restart\n");
    expect((await host.sh("flock -n /etc true")).code).toBe(0);
    await host.must("kill $(cat /tmp/daemon)");
  });

  it("a rollover stops before the certificate where the administrator has edited a file without the new CA", async () => {
    await installed();
    const old = target.ca;
    const file = `/etc/docker/certs.d/${target.registry}/ca.crt`;
    await host.must(`cp -p ${file} /tmp/ours && echo '# a note' >>${file}`);
    target.ca = TrustTarget.authority();
    const added = await onHost(host, "add", asked());
    expect(added.code).toBe(1);
    expect(added.output).toMatch(/not as it was left: .*certs\.d.*Nothing of it is overwritten/);
    target.ca = old;
    await host.must(`cp -p /tmp/ours ${file}`);
    await installed();
  });

  it("dockerProxy needs systemd, and says so before anything is changed", async () => {
    const dockerProxy = { url: "http://proxy.example.com:3128", noProxy: [] };
    const { answer } = await onHost(host, "install", asked({ dockerProxy }));
    expect(answer.failed).toMatch(/^docker proxy: .*takes a host with systemd/);
    expect(await host.snapshot()).toEqual(before);
  });

  it("the fingerprint is the certificate's, by whatever is there, or is said not to be known", async () => {
    const found: string[] = [];
    const look = async () => {
      const { answer, output } = await onHost(host, "install", asked());
      expect(answer.failed, output).toBeUndefined();
      found.push(answer["certificate"] ?? "");
      expect(answer["expires"]).toMatch(/^\d{4}-\d\d-\d\dT/);
    };
    await look();
    // As curl before 7.88.
    await host.wrap(
      "curl",
      `for word; do
  case $word in
    *'%{certs}'*) echo "curl: unknown --write-out variable: 'certs'" >&2; word=\${word%%'%{certs}'*} ;;
  esac
  set -- "$@" "$word"
  shift
done
exec "$real" "$@"`,
    );
    await look();
    await host.must("mv /usr/bin/openssl /usr/bin/openssl.away");
    await look();
    await host.must("for p in /usr/bin/python3*; do mv $p /tmp; done");
    await look();
    await host.unwrap();
    await look();
    await host.must("mv /usr/bin/openssl.away /usr/bin/openssl; mv /tmp/python3* /usr/bin");
    const shown = await target.fingerprint();
    expect(found.splice(3, 1)[0]).toMatch(/^not known: /);
    expect(found).toEqual([shown, shown, shown, shown]);
  });
});
