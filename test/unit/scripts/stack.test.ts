import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { all, Folder, ROOT, run, type Result } from "./run";

/** A checkout with nothing in it but the scripts, and a stack named `test`. */
let checkout: Folder;
beforeEach(() => {
  checkout = new Folder();
  fs.mkdirSync(join(checkout.path, "scripts"));
  for (const name of ["stack.sh", "settings.ts", "stack-file.mjs"])
    fs.symlinkSync(join(ROOT, "scripts", name), join(checkout.path, "scripts", name));
  for (const name of ["node_modules", "components", "package.json"])
    fs.symlinkSync(join(ROOT, name), join(checkout.path, name));
  fs.copyFileSync(join(ROOT, "Pulumi.dev.yaml"), join(checkout.path, "Pulumi.dev.yaml"));
  checkout.file("scripts/call.sh", '. "$(dirname -- "$0")/stack.sh"\n"$@"\n');
  checkout.file("pulumiw", '#!/bin/sh\necho "pulumiw $*"\n', 0o755);
});
afterEach(() => checkout.dispose());

function call(functions: string, env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const { PATH } = process.env;
  return run("sh", ["-eu", "scripts/call.sh", "eval", functions], {
    cwd: checkout.path,
    env: { PATH, HOME: checkout.path, STACK: "test", ...env },
  });
}

const state = ".state/.pulumi/stacks/private-registry/test.json";
const read = `read_settings && printf '%s|' "$docker_host" "$image_mode" "$gateway_image" "$data_path"`;

describe("a stack's file", () => {
  it("is made after that of dev, with names and a port of its own", async () => {
    const made = await call(`ensure_settings && ${read}`);
    expect(made.stdout).toMatch(/^Made Pulumi\.test\.yaml: registry\.test\.test:80\d\d, /);
    expect(made.stdout).toContain(`unix:///var/run/docker.sock|auto||${checkout.path}/.state/test/data|`);
    expect((await call("ensure_settings")).stdout).toBe("");
  });

  it("is not made anew beside a state: that would change everything", async () => {
    checkout.file(state, "{}");
    const refused = await call("ensure_settings");
    expect(refused.code, all(refused)).toBe(1);
    expect(refused.stderr).toContain("Pulumi.test.yaml is gone, but the stack test exists");
    expect(fs.existsSync(join(checkout.path, "Pulumi.test.yaml"))).toBe(false);
  });
});

describe("settings, before Docker or anything else is touched", () => {
  const settings = (lines: string) =>
    checkout.file(
      "Pulumi.test.yaml",
      `config:\n  private-registry:hostname: registry.example.com\n${lines.replaceAll(/^/gm, "  private-registry:")}\n`,
    );

  it("are taken as the program takes them, JSON in text too", async () => {
    settings(
      [
        `users: '[{"name":"ci","access":"push"}]'`,
        `images: '{"mode":"pull","gateway":"mirror.example.com/nginx:1"}'`,
        "dockerHost: ssh://deploy@far.example.com",
        "dataPath: /srv/it's here",
      ].join("\n"),
    );
    const { code, stdout, stderr } = await call(read);
    // An apostrophe is no character of a path here; nothing of it is run.
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("private-registry:dataPath takes an absolute path");
    settings(
      `users: '[{"name":"ci","access":"push"}]'\nimages: '{"mode":"pull","gateway":"m.example.com/n:1"}'`,
    );
    expect((await call(read)).stdout).toBe(
      "unix:///var/run/docker.sock|pull|m.example.com/n:1|/opt/data/registry|",
    );
  });

  it("are refused with every fault", async () => {
    settings("port: 0\nprot: 1\nusers: []\ndataPath: /var/lib/docker/registry");
    const { code, stderr } = await call(read);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^4 settings are wrong, so nothing was changed:\n/);
    expect(stderr).toContain("config set --stack test private-registry:KEY VALUE");
  });

  it("whose secrets are encrypted are judged without them", async () => {
    settings(
      "users: [{name: ci, access: push, password: {secure: v1:x}}]\ncertificate: {chain: whatever, key: {secure: v1:x}}",
    );
    const { code, stderr } = await call(read);
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("are refused where the file is no YAML, with the line", async () => {
    checkout.file("Pulumi.test.yaml", "config:\n  a: b: c\n");
    expect((await call(read)).stderr).toMatch(/^Pulumi\.test\.yaml: .* line 2/);
  });
});

describe("a passphrase", () => {
  it("is made once, for its user alone", async () => {
    expect((await call("ensure_passphrase")).stdout).toContain("Made a passphrase");
    const file = join(checkout.path, ".state/passphrase");
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const text = fs.readFileSync(file, "utf8");
    expect((await call("ensure_passphrase")).stdout).toBe("");
    expect(fs.readFileSync(file, "utf8")).toBe(text);
  });

  it("is not made anew for a stack that has another: its secrets would be lost", async () => {
    checkout.file("Pulumi.test.yaml", "encryptionsalt: v1:x\n");
    const refused = await call("ensure_passphrase");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("the passphrase of the stack test is gone");
    expect(fs.existsSync(join(checkout.path, ".state/passphrase"))).toBe(false);
    expect((await call("ensure_passphrase", { PULUMI_CONFIG_PASSPHRASE: "" })).code).toBe(0);
  });
});

describe("a state", () => {
  const ensure = (env: NodeJS.ProcessEnv = {}) =>
    call("ensure_stack", { PULUMI_CONFIG_PASSPHRASE: "", ...env });

  it("is made where there is none, and left alone where there is", async () => {
    expect((await ensure()).stdout).toBe("pulumiw stack select --create test\n");
    checkout.file(state, "{}");
    expect((await ensure()).stdout).toBe("");
  });

  it("elsewhere is for Pulumi to look for", async () => {
    checkout.file(state, "{}");
    expect((await ensure({ PULUMI_BACKEND_URL: "file:///elsewhere" })).stdout).toBe(
      "pulumiw stack select --create test\n",
    );
  });

  it("that is gone is not made anew beside its backup", async () => {
    checkout.file(`${state}.bak`, "{}");
    const refused = await ensure();
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain(`cp ${state}.bak ${state}`);
  });
});

it.each(["", "Dev", "a b", "../x", "-x"])("refuses %j as a stack's name", async (STACK) => {
  const refused = await call("true", { STACK });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`STACK is "${STACK}"; it takes`);
});
