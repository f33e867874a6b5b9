import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type Family, type TestHost } from "../support/hosts";
import { must, run } from "../support/run";
import { TrustTarget } from "../support/trust-target";

const families: Family[] = ["debian", "el6", "el7", "el9", "suse", "alpine"];

/** How programs on the host ask the registry, with nothing but the system's store: "curl 401", or an error. No git repository is there: 404. */
function ask(family: Family, port: number): string {
  const address = `registry.example.com:${port}`;
  const openssl = `printf 'GET /v2/ HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -verify_return_error -verify_hostname registry.example.com -connect ${address} 2>/dev/null | sed -n 's/^HTTP.* \\(401\\) .*/openssl \\1/p'`;
  const curl = `curl -sS -o /dev/null -w 'curl %{http_code}\\n' https://${address}/v2/`;
  const python = `python3 -c "
import socket, ssl
tls = ssl.create_default_context().wrap_socket(socket.create_connection(('registry.example.com', ${port})), server_hostname='registry.example.com')
tls.sendall(b'GET /v2/ HTTP/1.0\\r\\n\\r\\n')
print('python', tls.recv(12).split()[1].decode())"`;
  const git = `GIT_TERMINAL_PROMPT=0 git ls-remote https://${address}/x 2>&1 | sed -n 's/^fatal: repository .* not found$/git 404/p'`;
  const go = `if [ -x /tmp/go-client ]; then /tmp/go-client https://${address}/v2/; fi`;
  return family === "alpine" ? [openssl, go].join("; ") : [openssl, curl, git, python, go].join("; ");
}

const GO = `package main
import ("fmt"; "net/http"; "os")
func main() {
	if answer, err := http.Get(os.Args[1]); err != nil { fmt.Println("go: no") } else { fmt.Println("go", answer.StatusCode) }
}
`;

/** A client of Go's own TLS, which looks for the store by itself; none where there is no Go to build it. */
async function buildGoClient(folder: string): Promise<string | undefined> {
  if ((await run("sh", ["-c", "command -v go"])).code !== 0) return undefined;
  fs.writeFileSync(path.join(folder, "client.go"), GO);
  const client = path.join(folder, "go-client");
  await must("go", ["build", "-o", client, path.join(folder, "client.go")], { env: { CGO_ENABLED: "0" } });
  return client;
}

/** What they answer where the registry is trusted. */
function trusted(family: Family): RegExp {
  const all = family === "alpine" ? ["openssl 401"] : ["openssl 401", "curl 401", "git 404", "python 401"];
  if (goClient !== undefined) all.push("go 401");
  return new RegExp(all.map((line) => `^${line}$`).join("[^]*"), "m");
}

/** What any of them prints that gets past TLS. */
const ACCEPTED = /^\w+ 40[14]$/m;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-go-"));
let goClient: string | undefined;
beforeAll(async () => {
  goClient = why === undefined ? await buildGoClient(folder) : undefined;
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const why = await noHosts(...families);

describe.skipIf(why !== undefined).each(families)(`trust on a host: %s ${why ?? ""}`, (family) => {
  const hosts = new TestHosts();
  let target: TrustTarget;
  let stranger: TrustTarget;
  let host: TestHost;
  let before: string[];

  beforeAll(async () => {
    [host, target, stranger] = await Promise.all([
      hosts.start(family),
      TrustTarget.start(),
      TrustTarget.start(),
    ]);
    if (goClient !== undefined) await must("docker", ["cp", goClient, `${host.container}:/tmp/go-client`]);
    before = await host.snapshot();
  });
  afterAll(async () => {
    target.close();
    stranger.close();
    await hosts.remove();
  });
  const asked = () => ({ target, key: hosts.key });

  it("is installed and proved; every program there trusts this registry, and no other", async () => {
    expect((await host.sh(ask(family, target.port))).output).not.toMatch(ACCEPTED);
    const { answer, output } = await onHost(host, "install", asked());
    expect(answer, output).toMatchObject({ proof: expect.stringContaining("answered 401") as string });
    expect(answer.failed).toBeUndefined();
    const trusting = await host.sh(ask(family, target.port));
    expect(trusting.output).toMatch(trusted(family));
    expect((await host.sh(ask(family, stranger.port))).output).not.toMatch(ACCEPTED);
    // Java's store has whole certificates in it.
    if (["el7", "el9"].includes(family)) expect(await javaHolds(host, target.ca.certificate)).toBe(true);
    const foreign = await onHost(host, "verify", { ...asked(), target: strangerWith(target, stranger) });
    expect(foreign.answer.failed).toMatch(/^(not as it was left|handshake failed)/);
  });

  it("changes nothing the second time", async () => {
    const installed = await host.snapshot();
    const { answer, output } = await onHost(host, "install", asked());
    expect(answer["proof"], output).toBeDefined();
    expect(output).not.toMatch(/wrote|ran|removed/);
    expect(await host.snapshot()).toEqual(installed);
    expect((await onHost(host, "probe", asked())).answer).toEqual({ generation: "g1" });
  });

  if (["debian", "el6", "alpine"].includes(family))
    it("finds what was removed by hand, and puts it back", async () => {
      await host.must("rm -r /etc/docker/certs.d");
      expect((await onHost(host, "probe", asked())).answer).toMatchObject({
        missing: `/etc/docker/certs.d/${target.registry}/ca.crt`,
      });
      const verify = await onHost(host, "verify", asked());
      expect(verify.answer.failed).toMatch(/not as it was left: .*missing/);
      await onHost(host, "install", { ...asked(), generation: "g2" });
      expect((await onHost(host, "probe", asked())).answer).toEqual({ generation: "g2" });
    });

  it("rolls over to a new CA without a gap", async () => {
    const next = TrustTarget.authority();
    const old = target.ca;
    target.ca = next;
    const added = await onHost(host, "add", asked());
    expect(added.answer["added"], added.output).toMatch(/^[0-9a-f]{64}$/);
    const both = [old, next].map(({ certificate }) => certificate).join("");
    expect(await host.must(`cat /etc/docker/certs.d/${target.registry}/ca.crt`)).toBe(both);
    expect((await host.sh(ask(family, target.port))).output, "the old certificate still").toMatch(
      trusted(family),
    );
    target.show(next);
    expect((await host.sh(ask(family, target.port))).output, "the new one already").toMatch(trusted(family));
    const { answer, output } = await onHost(host, "install", asked());
    expect(answer["proof"], output).toBeDefined();
    target.show(old);
    expect((await host.sh(ask(family, target.port))).output, "the old one no longer").not.toMatch(ACCEPTED);
    target.show(next);
  });

  // The same on all of them, and said once.
  if (family === "debian")
    it("leaves what the administrator edited, and says so when the CA is gone from it", async () => {
      const file = `/etc/docker/certs.d/${target.registry}/ca.crt`;
      await host.must(`echo '# a note' >>${file}`);
      const kept = await onHost(host, "install", asked());
      expect(kept.answer.failed, kept.output).toBeUndefined();
      expect(await host.must(`cat ${file}`)).toContain("# a note");
      await host.must(`cp ${file} /tmp/edited && echo mine >${file}`);
      const refused = await onHost(host, "install", asked());
      expect(refused.answer.failed).toMatch(
        /changed by somebody else.*certs\.d.*Nothing of it is overwritten/,
      );
      expect(await host.must(`cat ${file}`)).toBe("mine\n");
      expect((await onHost(host, "probe", asked())).answer["generation"]).toBeUndefined();
      await host.must(`sed '/^# a note/d' /tmp/edited >${file}`);
      expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
    });

  if (family === "el6")
    it("survives what CentOS 6's own tool does, and leaves nothing in its backup", async () => {
      const note = await host.must("update-ca-trust extract 2>&1");
      expect(note, "it says so and does nothing, exit code 0").toContain("disabled state");
      const original = await host.must(
        "sed '/^# private-registry test begin$/,/^# private-registry test end$/d' /etc/pki/tls/certs/ca-bundle.crt | sha256sum",
      );
      await host.must("update-ca-trust force-enable && update-ca-trust extract");
      expect((await host.sh(ask(family, target.port))).output).toMatch(trusted(family));
      expect((await onHost(host, "install", asked())).answer.failed).toBeUndefined();
      await host.must("update-ca-trust disable");
      expect((await host.sh(ask(family, target.port))).output).toMatch(trusted(family));
      await onHost(host, "remove", asked());
      const backup = "/etc/pki/backup-traditional-original-config";
      for (const folder of ["/etc/pki/tls/certs", backup])
        expect((await host.must(`sha256sum <${folder}/ca-bundle.crt`)).slice(0, 64)).toBe(
          original.slice(0, 64),
        );
      await host.must(`rm -r ${backup} /etc/pki/ca-trust/extracted/*/*`);
      await onHost(host, "install", asked());
    });

  if (family === "debian")
    it("sets the proxy, and restarts Docker only when something has changed", async () => {
      await host.must(
        "mkdir -p /run/systemd/system && for c in systemctl docker; do printf '#!/bin/sh\\necho \"$0 $*\" >>/tmp/calls\\n' >/usr/bin/$c; chmod 755 /usr/bin/$c; done",
      );
      const extra = {
        restartDocker: true,
        dockerProxy: { url: "http://proxy.example.com:3128", noProxy: [".internal"] },
      };
      const { answer, output } = await onHost(host, "install", { ...asked(), extra });
      expect(answer.failed, output).toBeUndefined();
      const unit = await host.must("cat /etc/systemd/system/docker.service.d/private-registry-test.conf");
      for (const line of [
        "HTTPS_PROXY=http://proxy.example.com:3128",
        "https_proxy=http://proxy.example.com:3128",
      ])
        expect(unit).toContain(`"${line}"`);
      for (const name of ["NO_PROXY", "no_proxy"])
        expect(unit).toContain(`"${name}=localhost,127.0.0.1,registry.example.com,.internal"`);
      expect(await host.must("cat /tmp/calls")).toBe(
        "/usr/bin/systemctl daemon-reload\n/usr/bin/systemctl restart docker\n",
      );
      await onHost(host, "install", { ...asked(), extra });
      expect(await host.must("wc -l </tmp/calls")).toBe("2\n");
      expect((await onHost(host, "install", asked())).output).toContain(
        "removed  /etc/systemd/system/docker.service.d",
      );
      // Without restartDocker, too: systemd would go on with what is no longer there.
      expect(await host.must("tail -n +3 /tmp/calls")).toBe("/usr/bin/systemctl daemon-reload\n");
      await host.must("rm -r /run/systemd /usr/bin/systemctl /usr/bin/docker");
    });

  it("is removed, and the host is to the byte what it was before", async () => {
    const { code, output } = await onHost(host, "remove", asked());
    expect(code, output).toBe(0);
    expect(await host.snapshot()).toEqual(before);
    expect((await host.sh(ask(family, target.port))).output).not.toMatch(ACCEPTED);
    expect((await onHost(host, "remove", asked())).code).toBe(0);
  });
});

async function javaHolds(host: TestHost, pem: string): Promise<boolean> {
  const store = Buffer.from(await host.must("base64 /etc/pki/java/cacerts"), "base64");
  return store.includes(new X509Certificate(pem).raw);
}

/** The stranger's address under the CA of the other. */
function strangerWith(target: TrustTarget, stranger: TrustTarget): TrustTarget {
  return Object.create(stranger, { ca: { value: target.ca } }) as TrustTarget;
}
