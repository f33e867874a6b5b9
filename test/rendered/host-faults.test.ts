import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { run, until } from "../support/run";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("el7", "debian");

/** What goes wrong with one host: named by its reason, within a deadline, and nothing half done. */
describe.skipIf(why !== undefined)(`a host that fails ${why ?? ""}`, () => {
  const hosts = new TestHosts();
  let target: TrustTarget;
  let host: TestHost;
  let before: string[];

  beforeAll(async () => {
    [host, target] = await Promise.all([hosts.start("el7"), TrustTarget.start()]);
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
    ["unreachable", "refused by its port", () => ({ port: 1 }), /Connection refused/],
    ["unreachable", "no such name", () => ({ address: "nowhere.invalid" }), /Could not resolve/],
    [
      "host key mismatch",
      "another machine",
      () => ({ hostKey: hosts.keyPair("other")[1].trim() }),
      /verification failed/,
    ],
    [
      "authentication",
      "a key it does not know",
      () => ({ privateKey: hosts.keyPair("stranger")[0] }),
      /Permission denied/,
    ],
    ["sudo", "an account without it", () => ({ user: "nosudo" }), /password is required/],
    [
      "unreachable",
      "through a bastion of another key",
      () => ({ bastion: bastion({ hostKey: hosts.keyPair("third")[1].trim() }) }),
      /./,
    ],
  ])("%s: %s", async (reason, _what, extra, words) => {
    const { answer, code } = await onHost(host, "install", asked(extra()));
    expect(code).toBe(0);
    expect(answer.failed).toMatch(new RegExp(`^(${reason}|host key mismatch): `));
    expect(answer.failed).toMatch(words);
    expect(await host.snapshot()).toEqual(before);
  });

  it("takes an account with sudo, and a bastion", async () => {
    const { answer, output } = await onHost(
      host,
      "install",
      asked({ user: "ops", bastion: bastion({ user: "nosudo" }) }),
    );
    expect(answer.failed, output).toBeUndefined();
    expect(answer["proof"]).toContain("answered 401");
  });

  it("ends with one that accepts connections and says nothing, or falls silent in the middle", async () => {
    const silent = net.createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as net.AddressInfo;
    await hold();
    const pause = async () => {
      await until("the middle", async () => (await host.sh("test -e /tmp/reached")).code === 0, 40);
      await hosts.pause(host, 20);
    };
    const [first, second] = await Promise.all([
      onHost(host, "install", asked({ address: "127.0.0.1", port })),
      onHost(host, "install", asked()),
      pause(),
    ]);
    silent.close();
    await letGo();
    expect(first.answer.failed).toMatch(/^unreachable: .*timed out/i);
    expect(second.answer.failed).toMatch(/^unreachable: the connection broke off/);
  });

  it.each([
    ["read-only file system", "ro", "true"],
    ["disk full", "size=4k", "head -c 4096 /dev/zero >/etc/docker/full"],
  ])("%s: nothing of what was begun is left after the removal", async (reason, options, prepare) => {
    const other = await hosts.start("el7", reason.slice(0, 4), "--tmpfs", `/etc/docker:${options}`);
    await other.must(prepare);
    const untouched = await other.snapshot();
    const { answer, output } = await onHost(other, "install", asked());
    expect(answer.failed, output).toMatch(new RegExp(`^${reason}: `));
    expect((await onHost(other, "remove", asked())).code).toBe(0);
    expect(await other.snapshot()).toEqual(untouched);
    await hosts.stop(other);
  });

  it("read-only file system, of a host that was writable before: the next run goes on", async () => {
    const caps = [
      "--cap-add=SYS_ADMIN",
      "--security-opt=apparmor=unconfined",
      "--security-opt=seccomp=unconfined",
    ];
    const other = await hosts.start("el7", "later", ...caps);
    const untouched = await other.snapshot();
    expect((await onHost(other, "install", asked())).answer.failed).toBeUndefined();
    await other.must("busybox mount --bind /etc /etc && busybox mount -o remount,bind,ro /etc");
    const old = target.ca;
    target.show(TrustTarget.authority());
    for (const verb of ["add", "install"] as const)
      expect((await onHost(other, verb, asked())).output, verb).toMatch(/read-only file system: /);
    const removal = await onHost(other, "remove", asked());
    expect(removal.code).toBe(1);
    expect(removal.output).toMatch(/later: read-only file system: /);
    await other.must("busybox umount /etc");
    const { answer, output } = await onHost(other, "install", asked());
    expect(answer.failed, output).toBeUndefined();
    target.show(old);
    expect((await onHost(other, "verify", asked())).answer.failed).toMatch(
      /^(not as it was left|handshake failed)/,
    );
    expect((await onHost(other, "remove", asked())).code).toBe(0);
    expect(await other.snapshot()).toEqual(untouched);
    await hosts.stop(other);
  });

  it("no answer in time: what hangs is ended on the host, too, and lets go of the lock", async () => {
    await host.wrap("update-ca-trust", "sleep 600");
    const { answer } = await onHost(host, "install", { ...asked(), env: { TRUST_DEADLINE: "12" } });
    expect(answer.failed).toMatch(/^no answer within 12 s/);
    expect((await host.sh("flock -n /etc true")).code).toBe(0);
    await host.unwrap();
  });

  it("a signal ends it while the host is still at work", async () => {
    await hold();
    const pid = path.join(hosts.folder, "pid");
    const installing = onHost(host, "install", { ...asked(), env: { PID_FILE: pid } }, [
      ...["-c", 'echo $$ >"$PID_FILE"; exec sh "$0" "$@"', "components/trust/on-host.sh"],
    ]);
    await until("the middle", async () => (await host.sh("test -e /tmp/reached")).code === 0, 40);
    process.kill(Number(fs.readFileSync(pid, "utf8")));
    // It would wait for ever: nothing lets the host go on before this.
    expect((await installing).code).toBe(143);
    await letGo();
  });

  it("unknown system, by its name", async () => {
    await host.must(
      "mv /etc/pki /etc/pki.away; mv /etc/redhat-release /tmp; echo 'PRETTY_NAME=\"Plan 9\"' >/etc/os-release",
    );
    const { answer } = await onHost(host, "install", asked());
    await host.must("mv /etc/pki.away /etc/pki; mv /tmp/redhat-release /etc; rm /etc/os-release");
    expect(answer.failed).toMatch(/^unknown system: .*Plan 9.*Known are/);
  });

  it("handshake failed: what the registry shows is not of this CA, so the host does not count", async () => {
    const shown = target.ca;
    target.ca = TrustTarget.authority();
    const { answer } = await onHost(host, "install", asked());
    expect(answer.failed).toMatch(/^handshake failed: .*expected 401/);
    expect((await onHost(host, "probe", asked())).answer["generation"]).toBeUndefined();
    target.ca = shown;
    expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
  });

  it("two runs at once do not break each other", async () => {
    const both = await Promise.all([onHost(host, "install", asked()), onHost(host, "install", asked())]);
    expect(both.map(({ answer }) => answer.failed)).toEqual([undefined, undefined]);
  });

  it("no answer: a host that says nothing, with exit code 0, does not count as trusting", async () => {
    const keys = "/etc/ssh/authorized_keys";
    await host.must(`cp ${keys} /tmp/keys && sed -i 's/^/command="true" /' ${keys}`);
    // Without a folder for sockets each has a connection of its own, to which the keys of now apply.
    const alone = { ...asked(), env: { XDG_RUNTIME_DIR: "/nonexistent" } };
    for (const verb of ["install", "verify", "probe"] as const)
      expect((await onHost(host, verb, alone)).answer.failed, verb).toMatch(
        /^no answer: .*is another one forced/,
      );
    for (const verb of ["add", "remove"] as const)
      expect((await onHost(host, verb, alone)).code, verb).toBe(1);
    await host.must(`cp /tmp/keys ${keys}`);
  });

  it("a warning of sudo's is not the reason of what fails later", async () => {
    await host.wrap(
      "sudo",
      'echo "sudo: unable to resolve host el7: Name or service not known" >&2; exec "$real" "$@"',
    );
    await host.wrap("update-ca-trust", "echo 'p11-kit: no' >&2; exit 1");
    const { answer } = await onHost(host, "install", asked({ user: "ops" }));
    expect(answer.failed).toMatch(/^failed: .*p11-kit: no/);
    await host.unwrap();
  });

  it("one that is gone blocks its removal, unless it is told to be forgotten", async () => {
    const gone = asked({ port: 1 });
    const refused = await onHost(host, "remove", gone);
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/el7: unreachable: .*FORGET=el7/s);
    const forgotten = await onHost(host, "remove", { ...gone, env: { FORGET: "other el7" } });
    expect(forgotten.code).toBe(0);
    expect(forgotten.output).toContain("el7: forgotten");
  });

  it("shows no secret: neither in a process list nor in an environment, while it runs", async () => {
    await hold();
    const installing = onHost(host, "install", { ...asked(), password: "a-secret-password" });
    const look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'";
    const seen: string[] = [];
    for (let times = 0; times < 4; times++) {
      await new Promise((done) => setTimeout(done, 500));
      seen.push((await host.sh(look)).stdout, (await run("sh", ["-c", look])).stdout);
    }
    await letGo();
    await installing;
    const secret = hosts.key.split("\n")[2] ?? "";
    expect(secret.length).toBeGreaterThan(20);
    for (const text of seen) {
      expect(text).not.toContain("a-secret-password");
      expect(text).not.toContain(secret);
    }
  });

  /** Has the installation wait in the middle, until `letGo`. */
  async function hold(): Promise<void> {
    await host.must(
      "cp /usr/bin/update-ca-trust /tmp/real && printf '#!/bin/sh\\ntouch /tmp/reached\\nwhile [ ! -e /tmp/go ]; do sleep 0.1; done\\nexec sh /tmp/real\\n' >/usr/bin/update-ca-trust",
    );
  }

  async function letGo(): Promise<void> {
    await host.must(
      "touch /tmp/go && cp /tmp/real /usr/bin/update-ca-trust && sleep 1 && rm /tmp/go /tmp/reached",
    );
  }

  function bastion(extra = {}): Record<string, unknown> {
    return { port: 22, user: "root", ...host.settings, name: undefined, ...extra };
  }
});
