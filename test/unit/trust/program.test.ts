import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { fingerprintOf } from "../../../components/trust/on-host";
import { issueChain } from "../../support/certificates";
import { resolved, runProgram, type Run } from "../../support/program";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIICs0gDSFzEmpJeGzmLBSXwz4TVrlF2v4iP9YlqaC2ow";
const KEY = "-----BEGIN PRIVATE KEY-----\nTHE-KEY\n-----END PRIVATE KEY-----\n";
const { chain, server, root } = issueChain(["registry.example.com"]);
/** Hosts that the probe cannot ask: neither the key nor the port is one. */
const hosts = ["web-1", "web-2"].map((name, index) => ({
  name,
  address: `127.0.0.${index + 1}`,
  port: 1,
  hostKey: HOST_KEY,
}));
const values = {
  certificate: { chain, key: server.key },
  hosts: [hosts[0], { ...hosts[1], dockerLogin: { user: "ci" } }],
  sshPrivateKey: KEY,
};

let run: Run;
beforeAll(async () => {
  run = await runProgram(values);
});

it("declares one trust a host, beside each other, and what each has to be told before", () => {
  const tree = run.resources
    .filter(({ name }) => name.startsWith("trust"))
    .map(({ type, name, parents }) =>
      [...parents, type]
        .map((one) => one.split(":").at(-1))
        .concat(name)
        .join(" > "),
    );
  expect(tree.sort()).toEqual([
    "CaRollover > Command > trust-rollover-web-1",
    "CaRollover > Command > trust-rollover-web-2",
    "CaRollover > trust-rollover",
    "Trust > HostTrust > Command > trust-web-1-installed",
    "Trust > HostTrust > Command > trust-web-2-installed",
    "Trust > HostTrust > trust-web-1",
    "Trust > HostTrust > trust-web-2",
    "Trust > trust",
  ]);
});

describe("order", () => {
  it("tells hosts of a new CA before the gateway's files, and nothing when a host is new", () => {
    const files = run.one("gateway-files-revision").dependsOn;
    expect(files).toEqual(expect.arrayContaining(["trust-rollover-web-1", "trust-rollover-web-2"]));
    expect(run.one("trust-rollover-web-1").inputs).toMatchObject({
      create: "sh components/trust/rollover.sh",
      update: "sh components/trust/rollover.sh",
      addPreviousOutputInEnv: true,
      environment: { AUTHORITY: fingerprintOf(root.certificate) },
    });
  });

  it("proves the trust when the gateway has taken its files up", () => {
    expect(run.one("trust-web-1-installed").dependsOn).toContain("gateway-reload");
  });
});

describe("the verdict", () => {
  afterEach(() => {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  it.each([
    ["failed\tunreachable: no route", "unreachable: no route"],
    ["system\tDebian", "no answer: nothing was proved"],
  ])(
    "fails the update with every host that answers %j, and its outputs are there",
    async (answer, reason) => {
      const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
      const { outputs } = await runProgram(values, { answer });
      expect(process.exitCode).toBe(32);
      expect(told.mock.calls.flat().join("\n")).toContain(
        `2 of 2 hosts failed; the others are done:\n  - web-1: ${reason}\n  - web-2: ${reason}\n`,
      );
      expect(Object.keys((await resolved(outputs["hosts"])).value as object)).toEqual(["web-1", "web-2"]);
      expect((await resolved(outputs["address"])).value).toBe("registry.example.com:38123");
    },
  );

  it("is silent when all have proved it, and in a preview", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await runProgram(values);
    await runProgram(values, { preview: true, answer: "failed\tx" });
    expect(process.exitCode).toBeUndefined();
    expect(told).not.toHaveBeenCalled();
  });
});

it("updates in place, and has a removal", () => {
  const { inputs } = run.one("trust-web-1-installed");
  expect(inputs).toMatchObject({
    create: "sh components/trust/on-host.sh install",
    update: "sh components/trust/on-host.sh install",
    delete: "sh components/trust/on-host.sh remove",
    addPreviousOutputInEnv: false,
  });
});

it("replaces what is on a host that has another address, and tells it who it is", () => {
  const { inputs } = run.one("trust-web-2-installed");
  expect(inputs["triggers"]).toEqual(["127.0.0.2", 1]);
  expect(inputs["stdin"]).toContain("owner='web-2 127.0.0.2:1'\n");
});

it("hands keys and passwords over by a secret stdin alone", () => {
  for (const name of ["trust-web-1-installed", "trust-web-2-installed", "trust-rollover-web-1"]) {
    const { inputs, secrets } = run.one(name);
    expect(secrets).toContain("stdin");
    expect(inputs["stdin"]).toContain("THE-KEY");
    expect(inputs["stdin"]).toContain(root.certificate.trim());
    expect(JSON.stringify({ ...inputs, stdin: "" })).not.toMatch(/THE-KEY|GENERATED/);
  }
  expect(run.one("trust-web-2-installed").inputs["stdin"]).toContain(
    "login_password='GENERATED gateway-users-ci-password'",
  );
  expect(run.one("trust-web-1-installed").inputs["stdin"]).toContain("login_password=''");
});

it("tries a host again that could not be asked: its generation is a new one in each run", async () => {
  const generation = ({ one }: Run) =>
    (one("trust-web-1-installed").inputs["environment"] as Record<string, string>)["GENERATION"];
  expect(generation(run)).toMatch(/^[0-9a-f]{8}$/);
  expect(generation(await runProgram(values))).not.toBe(generation(run));
});

it("shows no host where there is none, and leaves nothing of a host undeclared in a preview", async () => {
  expect(await resolved((await runProgram()).outputs["hosts"])).toEqual({ value: {}, secret: false });
  const preview = await runProgram(values, { preview: true });
  expect(preview.resources.map(({ name }) => name).sort()).toEqual(
    run.resources.map(({ name }) => name).sort(),
  );
});
