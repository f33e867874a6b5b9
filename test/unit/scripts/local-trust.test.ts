import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Folder, all, have, run, type Result } from "./run";

const HOSTS = "127.0.0.1 localhost\n# by hand\n";
const DOCKER_CA = "/etc/docker/certs.d/registry.test:8443/ca.crt";
const ANCHOR = "/usr/local/share/ca-certificates/private-registry-dev.crt";

let machine: Folder;
let ca: string;
let otherCa: string;

beforeEach(() => {
  machine = new Folder();
  machine.file("root/etc/hosts", HOSTS);
  for (const folder of ["etc/docker", "var/lib", "usr/local/share/ca-certificates"]) {
    mkdirSync(join(machine.path, "root", folder), { recursive: true });
  }
  ca = certificate("one");
  otherCa = certificate("two");
});
afterEach(() => machine.dispose());

function certificate(name: string): string {
  const args = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
  ];
  const keys = { keyout: join(machine.path, `${name}.key`), out: join(machine.path, `${name}.pem`) };
  execFileSync("openssl", [...args, "-subj", `/CN=${name}`, "-keyout", keys.keyout, "-out", keys.out], {
    stdio: "ignore",
  });
  return readFileSync(keys.out, "utf8");
}

/** Debian's way of putting certificates into the store, on a small store of our own. */
function debian(): void {
  mkdirSync(at("/etc/ssl/certs"), { recursive: true });
  mkdirSync(at("/etc/ca-certificates/update.d"), { recursive: true });
  machine.file("root/usr/share/ca-certificates/own.crt", certificate("own"));
  machine.file("root/etc/ca-certificates.conf", "own.crt\n");
  const options = [
    "certsconf",
    "/etc/ca-certificates.conf",
    "certsdir",
    "/usr/share/ca-certificates",
    "localcertsdir",
  ];
  options.push(
    "/usr/local/share/ca-certificates",
    "etccertsdir",
    "/etc/ssl/certs",
    "hooksdir",
    "/etc/ca-certificates/update.d",
  );
  execFileSync(
    "update-ca-certificates",
    options.map((part) => (part.startsWith("/") ? at(part) : `--${part}`)),
    { stdio: "ignore" },
  );
}

function at(path: string): string {
  return join(machine.path, "root", path);
}

function trust(verb: string, pem = ca, env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const values = {
    STACK: "dev",
    HOSTNAME_: "registry.test",
    PORT: "8443",
    ADDRESS: "172.17.0.1",
    PROVE: "0",
  };
  return run("sh", ["scripts/local-trust.sh", verb], {
    env: { PATH: process.env.PATH, ROOT_DIR: join(machine.path, "root"), ...values, ...env },
    input: pem,
  });
}

/** Every name, mode, link target and byte. */
function snapshot(): string[] {
  return readdirSync(at("/"), { recursive: true, encoding: "utf8" })
    .map((name) => {
      const found = lstatSync(at(name));
      const content = found.isSymbolicLink() ? readlinkSync(at(name)) : found.isFile() ? digest(name) : "";
      return `${name} ${found.mode.toString(8)} ${content}`;
    })
    .sort();
}

const digest = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(at(name)))
    .digest("hex");

describe("install and remove", () => {
  test.skipIf(!have("update-ca-certificates"))("on Debian, remove gives back every byte", async () => {
    debian();
    const before = snapshot();
    const install = await trust("install");
    expect(all(install)).toContain("wrote    /etc/hosts: 172.17.0.1 registry.test");
    expect(install.stdout.trimEnd().split("\n")).toHaveLength(4);
    expect(readFileSync(at(DOCKER_CA), "utf8")).toBe(ca);
    expect(readFileSync(at(ANCHOR), "utf8")).toBe(ca);
    expect(readFileSync(at("/etc/ssl/certs/ca-certificates.crt"), "utf8")).toContain(ca);
    expect(existsSync(at("/etc/containers"))).toBe(false);

    const installed = snapshot();
    expect(all(await trust("install"))).toBe("(exit code 0)");
    expect(snapshot()).toEqual(installed);

    expect((await trust("remove", "")).code).toBe(0);
    expect(snapshot()).toEqual(before);
    expect(all(await trust("remove", ""))).toBe("(exit code 0)");
  });

  test("on Enterprise Linux, by its own anchors and tool", async () => {
    mkdirSync(at("/etc/pki/ca-trust/source/anchors"), { recursive: true });
    mkdirSync(at("/etc/pki/tls/certs"), { recursive: true });
    mkdirSync(at("/etc/pki/ca-trust/extracted"));
    writeFileSync(at("/etc/pki/ca-trust/extracted/bundle.pem"), "");
    symlinkSync("../../ca-trust/extracted/bundle.pem", at("/etc/pki/tls/certs/ca-bundle.crt"));
    const tool = `#!/bin/sh\n[ "$1" = extract ] && cat ${at("/etc/pki/ca-trust/source/anchors")}/*.crt >${at("/etc/pki/tls/certs/ca-bundle.crt")} 2>/dev/null || true\n`;
    machine.file("bin/update-ca-trust", tool, 0o755);
    const env = { PATH: `${join(machine.path, "bin")}:${process.env.PATH ?? ""}` };
    const before = snapshot();
    expect((await trust("install", ca, env)).stdout).toContain("ran      update-ca-trust extract");
    expect(readFileSync(at("/etc/pki/tls/certs/ca-bundle.crt"), "utf8")).toBe(ca);
    expect(all(await trust("install", ca, env))).toBe("(exit code 0)");
    expect((await trust("remove", "", env)).code).toBe(0);
    expect(snapshot()).toEqual(before);
  });

  test.each([
    ["with a final newline", HOSTS],
    ["without one", "127.0.0.1 localhost\n10.0.0.1 other.test"],
    ["empty", ""],
  ])("/etc/hosts %s comes back as it was", async (_kind, hosts) => {
    writeFileSync(at("/etc/hosts"), hosts);
    chmodSync(at("/etc/hosts"), 0o640);
    const before = snapshot();
    await trust("install");
    const lines = readFileSync(at("/etc/hosts"), "utf8").split("\n");
    expect(lines).toContain("172.17.0.1 registry.test");
    expect(lines).toEqual(expect.arrayContaining(hosts.split("\n")));
    await trust("remove", "");
    expect(snapshot()).toEqual(before);
  });

  test("two stacks beside each other, taken back in any order", async () => {
    const before = snapshot();
    const other = { STACK: "other", PORT: "9443", ADDRESS: "172.18.0.1" };
    const both = await Promise.all([trust("install"), trust("install", otherCa, other)]);
    expect(both.map((result) => result.code)).toEqual([0, 0]);
    await trust("remove", "");
    expect(readFileSync(at("/etc/hosts"), "utf8")).toContain(
      "# private-registry other begin\n172.18.0.1 registry.test\n",
    );
    expect(readFileSync(at("/etc/docker/certs.d/registry.test:9443/ca.crt"), "utf8")).toBe(otherCa);
    await trust("remove", "", other);
    expect(snapshot()).toEqual(before);
  });

  test("a new name, address or CA replaces the old one", async () => {
    const before = snapshot();
    await trust("install");
    await trust("install", otherCa, { HOSTNAME_: "new.test", ADDRESS: "172.19.0.1" });
    expect(existsSync(at("/etc/docker/certs.d/registry.test:8443"))).toBe(false);
    expect(readFileSync(at("/etc/docker/certs.d/new.test:8443/ca.crt"), "utf8")).toBe(otherCa);
    expect(readFileSync(at("/etc/hosts"), "utf8")).not.toContain("registry.test");
    await trust("install", otherCa, { HOSTNAME_: "new.test", ADDRESS: "" });
    expect(readFileSync(at("/etc/hosts"), "utf8")).toBe(HOSTS);
    await trust("remove", "");
    expect(snapshot()).toEqual(before);
  });
});

describe("what is not ours", () => {
  test("another certificate at the same place is kept aside and comes back", async () => {
    machine.file(`root${DOCKER_CA}`, otherCa, 0o600);
    const before = snapshot();
    const install = await trust("install");
    expect(install.stderr).toContain(`${DOCKER_CA} was there already`);
    expect(readFileSync(at(DOCKER_CA), "utf8")).toBe(ca);
    await trust("remove", "");
    expect(snapshot()).toEqual(before);
  });

  test("the same certificate put there by hand stays after remove", async () => {
    machine.file(`root${DOCKER_CA}`, ca);
    const before = snapshot();
    await trust("install");
    await trust("remove", "");
    expect(snapshot()).toEqual(before);
  });

  test("a file that somebody has changed since is left, and said", async () => {
    await trust("install");
    writeFileSync(at(DOCKER_CA), otherCa);
    expect((await trust("status", "")).stdout).toContain(`changed  ${DOCKER_CA}`);
    const remove = await trust("remove", "");
    expect(remove.stderr).toContain(`${DOCKER_CA} was changed by somebody else`);
    expect(readFileSync(at(DOCKER_CA), "utf8")).toBe(otherCa);
  });

  test("a folder of podman's that would hide Docker's gets the CA too, and only then", async () => {
    const folder = "/etc/containers/certs.d/registry.test:8443";
    machine.file(`root${folder}/ca.crt`, otherCa);
    await trust("install");
    expect(readFileSync(at(`${folder}/ca.crt`), "utf8")).toBe(ca);
    await trust("remove", "");
    expect(readFileSync(at(`${folder}/ca.crt`), "utf8")).toBe(otherCa);
  });

  test("a line for the name with another address is pointed out", async () => {
    writeFileSync(at("/etc/hosts"), "10.9.9.9 x registry.test\n");
    expect((await trust("install")).stderr).toContain("/etc/hosts has registry.test at 10.9.9.9 already");
  });
});

describe("status and repair", () => {
  test("status names what is there and what is missing; install puts it back", async () => {
    expect((await trust("status", "")).stdout).toContain("nothing of stack dev is installed");
    await trust("install");
    expect(all(await trust("status", ""))).toMatch(/present .*certs\.d[^]*present .*hosts[^]*exit code 0/);
    rmSync(at(DOCKER_CA));
    writeFileSync(at("/etc/hosts"), HOSTS);
    const status = await trust("status", "");
    expect(status.stdout).toContain(`missing  ${DOCKER_CA}`);
    expect(status.stdout).toContain("missing  /etc/hosts");
    expect(status.code).toBe(1);
    expect((await trust("install")).stdout).toContain(`wrote    ${DOCKER_CA}`);
    expect((await trust("status", "")).code).toBe(0);
  });
});

describe("refuses, and touches nothing", () => {
  test.each([
    ["a name with a space", { HOSTNAME_: "a b" }, 'HOSTNAME_ is "a b"'],
    ["a name that climbs", { HOSTNAME_: "../x" }, 'HOSTNAME_ is "../x"'],
    ["a port that is none", { PORT: "80;rm" }, 'PORT is "80;rm"'],
    ["an address with a newline", { ADDRESS: "1.2.3.4\nevil 5" }, "ADDRESS is"],
    ["a stack with a slash", { STACK: "a/b" }, 'STACK is "a/b"'],
  ])("%s", async (_what, env, message) => {
    const before = snapshot();
    const result = await trust("install", ca, env);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
    expect(snapshot()).toEqual(before);
  });

  test.each([
    ["a private key", () => readFileSync(join(machine.path, "one.key"), "utf8"), "private key"],
    ["nothing", () => "", "no certificate"],
  ])("%s on stdin", async (_what, pem, message) => {
    const result = await trust("install", pem());
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
  });

  test("without root: says which command to run, exit code 3", async () => {
    machine.file("bin/id", "#!/bin/sh\necho 1000\n", 0o755);
    const env = {
      PATH: `${join(machine.path, "bin")}:${process.env.PATH ?? ""}`,
      ROOT_DIR: "",
      STACK: "regtest-img",
    };
    const result = await trust("install", ca, env);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain(
      "sudo env STACK=regtest-img HOSTNAME_=registry.test PORT=8443 ADDRESS=172.17.0.1 sh ",
    );
    expect(readFileSync("/etc/hosts", "utf8")).not.toContain("regtest-img");
  });
});
