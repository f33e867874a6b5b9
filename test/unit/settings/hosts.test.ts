import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { faults, parse } from "../../support/settings";
import { have } from "../scripts/run";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIICs0gDSFzEmpJeGzmLBSXwz4TVrlF2v4iP9YlqaC2ow";
const host = { name: "build-1", address: "192.0.2.21", hostKey: KEY };

it("fills in what a host does not say", () => {
  expect(parse({ hosts: [host] }).hosts).toEqual([{ ...host, port: 22, user: "root", restartDocker: false }]);
});

it.each([
  ["a name without a dot", { address: "build-1" }],
  ["an IPv6 address", { address: "fd00::21" }],
  ["a host key with a comment", { hostKey: `${KEY} root@build-1` }],
  [
    "everything",
    {
      port: 2222,
      user: "deploy",
      bastion: { address: "gate.example.com", hostKey: KEY },
      registryAddress: "192.0.2.10",
      dockerProxy: { url: "http://proxy.example.com:3128", noProxy: [".example.com", "10.0.0.0/8"] },
      dockerLogin: { user: "ci", account: "gitlab-runner" },
      restartDocker: true,
    },
  ],
])("takes %s", (_what, extra) => {
  expect(parse({ hosts: [{ ...host, ...extra }] }).hosts[0]).toMatchObject(extra);
});

it("takes the machine it runs on, which needs no key", () => {
  expect(parse({ hosts: [{ name: "here", address: "local" }] }).hosts).toHaveLength(1);
});

const PRIVATE = "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n";

it.each([
  [{ name: "Build 1" }, "hosts[0].name takes lower-case letters", '"Build 1"'],
  [{ address: "root@10.0.0.1" }, "hosts[0].address takes an IP address or a DNS name", '"root@10.0.0.1"'],
  [
    { address: "-oProxyCommand=id" },
    "hosts[0].address takes an IP address or a DNS name",
    '"-oProxyCommand=id"',
  ],
  [{ address: "10.0.0.1\n  ProxyCommand id" }, "hosts[0].address takes an IP address", "ProxyCommand id"],
  [{ user: "root;id" }, "hosts[0].user takes the name of an account", '"root;id"'],
  [{ port: 0 }, "hosts[0].port takes a whole number from 1 to 65535", "0"],
  [{ hostKey: undefined }, "hosts[0].hostKey is missing: takes the host's public key", undefined],
  [{ hostKey: "SHA256:abc" }, "hosts[0].hostKey takes the host's public key", '"SHA256:abc"'],
  [{ hostKey: KEY.replace("ed25519", "rsa") }, "hosts[0].hostKey takes the host's public key", "ssh-rsa"],
  [{ address: "local" }, "hosts[0].address local takes neither hostKey nor bastion", '"local"'],
  [{ registryAddress: "registry" }, "hosts[0].registryAddress takes an IPv4 or IPv6 address", '"registry"'],
  [
    { dockerProxy: { url: "http://me:secret@proxy:3128" } },
    "hosts[0].dockerProxy.url takes http://host:port without user",
    undefined,
  ],
  [
    { dockerProxy: { url: "http://proxy:1", noProxy: ['a" b'] } },
    "hosts[0].dockerProxy.noProxy[0] takes a name",
    undefined,
  ],
  [{ dockerLogin: { user: "nobody" } }, "hosts[0].dockerLogin.user takes one of users (ci)", '"nobody"'],
  [{ restartDocker: "yes" }, "hosts[0].restartDocker takes true or false", '"yes"'],
  [{ bastion: { address: "gate" } }, "hosts[0].bastion.hostKey is missing", undefined],
  [{ nme: "x" }, "hosts[0].nme is not a setting; did you mean name?", undefined],
  [
    { privateKey: "secret words" },
    "hosts[0].privateKey takes a private key in OpenSSH's or PEM form",
    undefined,
  ],
  [
    { privateKey: PRIVATE.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") },
    "hosts[0].privateKey takes a private key without a passphrase",
    undefined,
  ],
])("refuses %j", (extra, message, found) => {
  const lines = faults({ hosts: [{ ...host, ...extra }] });
  expect(lines.join("\n")).toContain(`private-registry:${message}`);
  expect(lines.join("\n")).not.toMatch(/secret words|me:secret/);
  if (found !== undefined) expect(lines.join("\n")).toContain(found);
  expect(lines).toHaveLength(1);
});

it("reports the faults of all hosts at once, and names that are taken", () => {
  const lines = faults({ hosts: [{ ...host, user: "A" }, host, { ...host, port: 0 }], sshPrivateKey: "x" });
  expect(lines).toHaveLength(5);
  expect(lines.join("\n")).toMatch(
    /hosts\[0\]\.user[^]*hosts\[2\]\.port[^]*hosts\[1\]\.name is taken already by hosts\[0\]/,
  );
});

it("refuses a machine that is there under another name, unless it is behind another bastion", () => {
  const again = { ...host, name: "build-2" };
  expect(faults({ hosts: [host, again] })).toEqual([
    'private-registry:hosts[1].address is the machine of hosts[0] (build-1) already; found "192.0.2.21" with port 22 for build-2',
  ]);
  const bastion = { address: "gate", hostKey: KEY };
  expect(
    parse({ hosts: [host, { ...again, port: 23 }, { ...again, name: "b", bastion }] }).hosts,
  ).toHaveLength(3);
});

describe.skipIf(!have("ssh-keygen"))("a key of ssh-keygen", () => {
  function generate(type: string, passphrase: string): string {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-key-"));
    try {
      const file = path.join(folder, "key");
      execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", file]);
      return fs.readFileSync(file, "utf8");
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }
  it.each(["ed25519", "ecdsa"])("of type %s is taken, and refused with a passphrase", (type) => {
    const key = generate(type, "");
    expect(parse({ sshPrivateKey: key }).sshPrivateKey).toBe(key);
    const [line, ...others] = faults({ sshPrivateKey: generate(type, "a passphrase") });
    expect(line).toBe("private-registry:sshPrivateKey takes a private key without a passphrase");
    expect(others).toEqual([]);
  });
});
