import { beforeAll, describe, expect, it } from "vitest";
import { files } from "../../support/files";
import { registryContainer, resolved, runProgram, type Run } from "../../support/program";

const PASSWORD = "a password by hand";
const users = [
  { name: "ci", access: "push" },
  { name: "chosen", access: "pull", password: PASSWORD },
];

let run: Run;
beforeAll(async () => {
  run = await runProgram({ users });
});

it("declares every resource under the component it belongs to", () => {
  const tree = run.resources.map(({ type, name, parents }) =>
    [...parents, type].map(short).concat(name).join(" > "),
  );
  expect(tree.sort()).toEqual(
    [
      "CertificateAuthority > ca",
      "CertificateAuthority > PrivateKey > ca-key",
      "CertificateAuthority > SelfSignedCert > ca-cert",
      "ServerCertificate > server",
      "ServerCertificate > PrivateKey > server-key",
      "ServerCertificate > CertRequest > server-request",
      "ServerCertificate > LocallySignedCert > server-cert",
      "docker > docker",
      "Network > network",
      "Registry > registry",
      "Registry > RandomBytes > registry-http-secret",
      "Registry > RevisionedFiles > registry-files",
      "Registry > RevisionedFiles > Volume > registry-files-volume",
      "Registry > RevisionedFiles > Command > registry-files-revision",
      `Registry > Container > ${registryContainer}`,
      "Gateway > gateway",
      "Gateway > Users > gateway-users",
      "Gateway > Users > RandomBytes > gateway-users-ci-salt",
      "Gateway > Users > RandomPassword > gateway-users-ci-password",
      "Gateway > Users > RandomBytes > gateway-users-chosen-salt",
      "Gateway > RevisionedFiles > gateway-files",
      "Gateway > RevisionedFiles > Volume > gateway-files-volume",
      "Gateway > RevisionedFiles > Command > gateway-files-revision",
      "Gateway > Container > gateway-container",
      "Gateway > Command > gateway-reload",
      "CaRollover > trust-rollover",
      "Trust > trust",
    ].sort(),
  );
});

it("declares the same resources in a preview in which nothing is known yet", async () => {
  const preview = await runProgram({ users }, { preview: true });
  const identity = ({ resources }: Run) =>
    resources.map(({ type, name, parents }) => [...parents, type, name]).sort();
  expect(identity(preview)).toEqual(identity(run));
});

describe("options that matter", () => {
  it("protects the key of the authority, and nothing else, unless told otherwise", async () => {
    expect(run.resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual(["ca-key"]);
    const careless = await runProgram({ certificate: { protect: false } });
    expect(careless.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("starts the new registry beside the old one, and the gateway after it, for it has a name and a port", () => {
    const registry = run.one(registryContainer);
    expect(registry.inputs).not.toHaveProperty("name");
    expect(registry.deleteBeforeReplace).toBe(false);
    expect(run.one("gateway-container").inputs["name"]).toBe("private-registry-test-gateway");
    expect(run.one("gateway-container").deleteBeforeReplace).toBe(true);
  });

  it("orders what Pulumi cannot see: files before containers, all before the reload", () => {
    expect(run.one(registryContainer).dependsOn).toContain("registry-files-revision");
    expect(run.one("gateway-container").dependsOn).toContain("gateway-files-revision");
    const reload = run.one("gateway-reload").dependsOn;
    expect(reload).toEqual(
      expect.arrayContaining(["gateway-files-revision", "gateway-container", registryContainer]),
    );
  });

  it("updates commands in place: no triggers, and the same for create and update", () => {
    const commands = run.resources.filter(({ type }) => short(type) === "Command");
    expect(commands).toHaveLength(3);
    for (const { inputs } of commands) {
      expect(inputs).not.toHaveProperty("triggers");
      expect(inputs["update"]).toBe(inputs["create"]);
      expect(inputs["create"]).toMatch(/^sh components\/[a-z-]+\/[a-z-]+\.sh$/);
      expect(inputs["addPreviousOutputInEnv"]).toBe(false);
    }
  });

  it("lets both containers do no more than they must, and come back after a reboot", () => {
    for (const name of [registryContainer, "gateway-container"]) {
      expect(run.one(name).inputs).toMatchObject({
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges"],
        restart: "unless-stopped",
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "5" },
        networksAdvanced: [expect.objectContaining({ name: "private-registry-test" })],
      });
      expect(run.one(name).inputs["healthcheck"]).toHaveProperty("tests");
    }
  });

  it("publishes the gateway's port alone", () => {
    expect(run.one(registryContainer).inputs).not.toHaveProperty("ports");
    expect(run.one("gateway-container").inputs["ports"]).toEqual([
      { internal: 8443, external: 38123, ip: "127.0.0.1" },
    ]);
  });
});

describe("secrecy", () => {
  it("keeps credentials secret, and what people need to see plain", async () => {
    expect(await resolved(run.outputs["credentials"])).toEqual({
      value: { ci: "GENERATED gateway-users-ci-password", chosen: PASSWORD },
      secret: true,
    });
    expect(await resolved(run.outputs["url"])).toEqual({
      value: "https://registry.example.com:38123",
      secret: false,
    });
    expect(await resolved(run.outputs["address"])).toEqual({
      value: "registry.example.com:38123",
      secret: false,
    });
    expect(await resolved(run.outputs["caCertificate"])).toEqual({
      value: "CERTIFICATE ca-cert\n",
      secret: false,
    });
    expect(await resolved(run.outputs["certificateExpires"])).toEqual({
      value: "2030-01-02T03:04:05Z",
      secret: false,
    });
  });

  it("hands over private keys and files as secrets only", () => {
    for (const { name, inputs, secrets } of run.resources) {
      for (const input of ["stdin", "privateKeyPem", "caPrivateKeyPem"]) {
        if (input in inputs) expect(secrets, `${name}.${input}`).toContain(input);
      }
    }
    for (const name of ["registry-files-revision", "gateway-files-revision"]) {
      expect(run.one(name).additionalSecretOutputs).toEqual(expect.arrayContaining(["stdout", "stderr"]));
      expect(run.one(name).inputs["logging"]).toBe("none");
    }
  });

  it("puts no password, key or hash where a process list or docker inspect shows it, or in plain text anywhere", () => {
    const gateway = files(run.one("gateway-files-revision"));
    const config = files(run.one("registry-files-revision"))["config.yml"] ?? "";
    const hashes = [...(gateway["users.htpasswd"] ?? "").matchAll(/:(.+)$/gm)].map(([, hash]) => hash ?? "");
    const secrets = [
      PASSWORD,
      "GENERATED",
      "PRIVATE KEY",
      ...hashes,
      /secret: (\w+)/.exec(config)?.[1] ?? "",
    ];
    expect(hashes).toHaveLength(2);
    expect(secrets.every((secret) => secret.length > 8)).toBe(true);
    for (const { name, inputs, secrets: hidden } of run.resources) {
      const plain = Object.entries(inputs).filter(([input]) => !hidden.includes(input));
      for (const secret of secrets) expect(JSON.stringify(plain), name).not.toContain(secret);
    }
    for (const { name, inputs, type } of run.resources.filter((r) =>
      ["Container", "Command"].includes(short(r.type)),
    )) {
      const shown = Object.entries(inputs).filter(
        ([input]) => type.includes("Container") || input !== "stdin",
      );
      for (const secret of secrets) expect(JSON.stringify(shown), name).not.toContain(secret);
    }
  });
});

describe("what the files hold", () => {
  it("brings the gateway its config, chain, key and users, each user once", () => {
    const gateway = files(run.one("gateway-files-revision"));
    expect(Object.keys(gateway)).toEqual([
      "access.map",
      "chosen.map",
      "metrics.txt",
      "nginx.conf",
      "repositories.map",
      "server.crt",
      "server.key",
      "users.htpasswd",
      "verifiers.map",
    ]);
    expect(gateway["server.crt"]).toBe("CERTIFICATE server-cert\nCERTIFICATE ca-cert\n");
    expect(gateway["server.key"]).toBe("PRIVATE KEY server-key");
    expect(gateway["users.htpasswd"]).toMatch(/^ci:\{SSHA\}[\w+/=]+\nchosen:\$2y\$08\$[\w./]{53}\n$/);
    expect(gateway["verifiers.map"]).toMatch(/^"ci" "[\w-]{22}";\n$/);
  });

  it("stamps the revision into nginx.conf, and into nothing else", async () => {
    const odd = await runProgram({ users: [{ name: "a@REVISION@", access: "pull" }] });
    const { inputs } = odd.one("gateway-files-revision");
    const { REVISION: revision } = inputs["environment"] as Record<string, string>;
    const gateway = files(odd.one("gateway-files-revision"));
    expect(gateway["nginx.conf"]).toContain(`return 200 "${revision ?? "?"}\\n";`);
    expect(gateway["nginx.conf"]).not.toContain("@REVISION@");
    expect(gateway["users.htpasswd"]).toMatch(/^a@REVISION@:/);
  });

  it("changes the revision with any file and with the generation, and with nothing else", async () => {
    const revision = ({ one }: Run) =>
      (one("gateway-files-revision").inputs["environment"] as Record<string, string>)["REVISION"];
    expect(revision(await runProgram({ users, dataPath: "/srv/elsewhere" }))).toBe(revision(run));
    expect(revision(await runProgram({ users: users.slice(1) }))).not.toBe(revision(run));
    const repaired = await runProgram({ users }, { inspected: "owner\t1000:1000\nregistry\tgen-r\n" });
    expect(revision(repaired)).not.toBe(revision(run));
    expect(repaired.one("registry-files-revision").inputs).toEqual(run.one("registry-files-revision").inputs);
  });

  it("runs the registry as the owner of the data folder, with files of its own", () => {
    expect(run.one(registryContainer).inputs["user"]).toBe("1000:1000");
    expect(run.one("registry-files-revision").inputs["environment"]).toMatchObject({ OWNER: "1000:1000" });
    const [, config] = run.one(registryContainer).inputs["command"] as string[];
    const { REVISION: revision } = run.one("registry-files-revision").inputs["environment"] as Record<
      string,
      string
    >;
    expect(config).toBe(`/etc/registry/${revision ?? "?"}/config.yml`);
  });
});

function short(type: string): string {
  return type.split(":").at(-1) ?? type;
}
