import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { connectionTo, renderKnownHosts, renderSshConfig } from "../../../components/trust/connection";
import { renderVariables } from "../../../components/trust/host-variables";
import { parseAnswer } from "../../../components/trust/on-host";
import type { Host } from "../../../components/settings/settings";
import { issue } from "../../support/certificates";
import { parse } from "../../support/settings";
import { have } from "../scripts/run";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIICs0gDSFzEmpJeGzmLBSXwz4TVrlF2v4iP9YlqaC2ow";
const RSA = `ssh-rsa ${Buffer.from("\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\0\x08abcdefgh", "latin1").toString("base64")}`;

function host(extra: object = {}): Host {
  const [found] = parse({ hosts: [{ name: "web", address: "10.0.0.5", hostKey: KEY, ...extra }] }).hosts;
  if (found === undefined) throw new Error("no host");
  return found;
}
const bastion = { address: "gate.example.com", port: 2222, user: "jump", hostKey: RSA };

describe.skipIf(!have("ssh"))("ssh reads the config as it is meant", () => {
  function read(config: string, name: string): Record<string, string> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-ssh-"));
    try {
      fs.writeFileSync(path.join(folder, "config"), config);
      const lines = execFileSync("ssh", ["-F", "config", "-G", name], { cwd: folder, encoding: "utf8" });
      return Object.fromEntries(lines.split("\n").map((line) => line.split(/ (.*)/) as [string, string]));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }

  it("with nothing of the user's, no question asked, and bounds", () => {
    expect(read(renderSshConfig(host({ port: 2022, user: "deploy" }), "given"), "target")).toMatchObject({
      hostname: "10.0.0.5",
      port: "2022",
      user: "deploy",
      hostkeyalias: "target",
      userknownhostsfile: "known_hosts",
      globalknownhostsfile: "/dev/null",
      stricthostkeychecking: "true",
      batchmode: "yes",
      identityfile: "none",
      connecttimeout: "10",
      serveraliveinterval: "5",
      serveralivecountmax: "2",
    });
  });

  it("through a bastion with a key of its own, and SHA-1 only where the host has nothing else", () => {
    const config = renderSshConfig(host({ bastion }), "own");
    expect(read(config, "target")["proxyjump"]).toBe("bastion");
    expect(read(config, "target")["hostkeyalgorithms"]).not.toMatch(/(^|,)ssh-rsa(,|$)/);
    expect(read(config, "bastion")).toMatchObject({
      hostname: "gate.example.com",
      port: "2222",
      user: "jump",
    });
    expect(read(config, "bastion")["hostkeyalgorithms"]).toMatch(/(^|,)ssh-rsa(,|$)/);
    expect(read(config, "target")["identityfile"]).not.toBe("none");
  });
});

it("known_hosts has the key of each machine, without comments", () => {
  expect(renderKnownHosts(host({ hostKey: `${KEY} root@web`, bastion }))).toBe(
    `target ${KEY}\nbastion ${RSA}\n`,
  );
});

describe("keys", () => {
  const key = (name: string) => `-----BEGIN PRIVATE KEY-----\n${name}\n-----END PRIVATE KEY-----\n`;
  const keysIn = (stdin: string) => [...stdin.matchAll(/KEY-----\n(\w+)\n/g)].map(([, name]) => name);

  it("are the host's own, else the shared one, and the bastion's, each once", () => {
    const shared = { sshPrivateKey: key("shared") };
    expect(keysIn(connectionTo(host(), shared).stdin)).toEqual(["shared"]);
    expect(keysIn(connectionTo(host({ privateKey: key("own") }), shared).stdin)).toEqual(["own"]);
    const through = connectionTo(host({ bastion: { ...bastion, privateKey: key("gate") } }), shared);
    expect(keysIn(through.stdin)).toEqual(["shared", "gate"]);
    expect(keysIn(connectionTo(host({ bastion }), shared).stdin)).toEqual(["shared"]);
  });

  it("are those of ssh itself where none is given, and none at all on this machine", () => {
    expect(connectionTo(host(), { sshPrivateKey: undefined }).environment.KEYS).toBe("own");
    const [local] = parse({ hosts: [{ name: "here", address: "local" }] }).hosts;
    const connection = connectionTo(local as Host, { sshPrivateKey: key("shared") });
    expect(connection).toEqual({
      environment: { HOST: "here", TARGET: "local", USER_: "root", KEYS: "own", CONNECTION: "" },
      stdin: ".\n\n.\n\n.\n",
    });
  });
});

describe("variables", () => {
  const ca = issue({ commonName: "CA", ca: true }).certificate;
  const registry = "registry.example.com:8000";

  /** As a shell understands them. */
  function read(text: string, name: string): string {
    return execFileSync("sh", ["-c", `${text}\nprintf '%s' "$${name}"`], { encoding: "utf8" });
  }

  it("mean the same to a shell, whatever is in them", () => {
    const password = `it's "$(touch /tmp/x)" \\ \`id\` !`;
    const login = host({ dockerLogin: { user: "ci" } });
    const text = renderVariables(login, { stack: "prod", registry, authority: `text\n${ca}`, password });
    expect(read(text, "login_password")).toBe(password);
    expect(read(text, "pem")).toBe(ca.trimEnd());
    expect(read(text, "name")).toBe(registry);
    expect(read(renderVariables(host(), { stack: "prod", registry, password }), "login_password")).toBe("");
  });

  it("keep the registry out of the proxy", () => {
    const proxy = host({ dockerProxy: { url: "http://proxy:3128", noProxy: [".internal"] } });
    const text = renderVariables(proxy, { stack: "prod", registry });
    expect(read(text, "proxy")).toBe("http://proxy:3128");
    expect(read(text, "no_proxy")).toBe("localhost,127.0.0.1,registry.example.com,.internal");
  });
});

it("reads what the script answers", () => {
  const lines = "system\tDebian 12\nmissing\t/a\nmissing\t/b\nexpires\tFeb 27 09:50:08 2029 GMT\nno result\n";
  expect(parseAnswer(lines)).toEqual({
    system: "Debian 12",
    missing: "/a, /b",
    expires: "2029-02-27T09:50:08Z",
  });
  expect(parseAnswer("")).toEqual({});
});
