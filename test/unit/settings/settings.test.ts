import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../components/settings/settings";
import { config, faults, minimal, parse } from "../../support/settings";

it("fills in the defaults of the contract", () => {
  expect(parse()).toEqual({
    ...minimal,
    port: 8000,
    bindAddress: "0.0.0.0",
    dockerHost: "local",
    dataPath: "/opt/data/registry",
    images: { mode: "auto" },
    certificate: {
      subject: { commonName: "Private Registry CA" },
      keyType: "ecdsa-p256",
      authorityDays: 3650,
      serverDays: 825,
      renewBeforeDays: 60,
      names: [],
      addresses: [],
      protect: true,
    },
  });
});

it.each([
  ["hostname", "1e3.example.com"],
  ["hostname", "a-1.b.internal"],
  ["port", 1],
  ["port", 65535],
  ["bindAddress", "docker-bridge"],
  ["bindAddress", "fd00::1"],
  ["dockerHost", "unix:///run/user/1000/docker.sock"],
  ["dockerHost", "ssh://deploy@build-1.example.com:2222"],
  ["dataPath", "${checkout}/.state/dev/data"],
  ["dataPath", "/srv/数据/registry data"],
  ["images", { mode: "pull", registry: "mirror.example.com:5000/registry:3@sha256:".padEnd(106, "a") }],
  [
    "users",
    [{ name: "ann@example.com", access: "pull", password: "correct horse", repositories: ["team/*"] }],
  ],
  ["users", [{ name: "n".repeat(255), access: "admin" }]],
])("takes %s %j", (key, value) => {
  expect(parse({ [key]: value })).toHaveProperty(key, value);
});

it("takes the mode of the images alone, as the contract has it", () => {
  expect(parse({ images: "build" }).images).toEqual({ mode: "build" });
});

const NAME = "takes a DNS name in lower case with at least one dot";
const PORT = "takes a whole number from 1 to 65535";
const USER_NAME = "takes letters, digits and . _ @ - and begins with a letter or digit";

/** What is given, the path of the fault, what is allowed, what was found. */
const bad: [values: Record<string, unknown>, path: string, allowed: string, found: string | undefined][] = [
  [{ hostname: "registry" }, "hostname", NAME, '"registry"'],
  [{ hostname: "https://registry.example.com" }, "hostname", NAME, '"https://registry.example.com"'],
  [{ hostname: "registry.example.com/v2" }, "hostname", NAME, '"registry.example.com/v2"'],
  [{ hostname: "registry.example.com:5000" }, "hostname", NAME, '"registry.example.com:5000"'],
  [{ hostname: "reg_istry.example.com" }, "hostname", NAME, '"reg_istry.example.com"'],
  [{ hostname: "Registry.example.com" }, "hostname", NAME, '"Registry.example.com"'],
  [{ hostname: "-registry.example.com" }, "hostname", NAME, '"-registry.example.com"'],
  [{ hostname: "registry..example.com" }, "hostname", NAME, '"registry..example.com"'],
  [{ hostname: "" }, "hostname", NAME, '""'],
  [{ hostname: "10.0.0.1" }, "hostname", "takes a DNS name, not an address", '"10.0.0.1"'],
  [{ hostname: "a.".repeat(127) + "com" }, "hostname", "takes at most 253 characters", '"a.a.'],
  [{ hostname: undefined }, "hostname", `is missing: ${NAME}`, undefined],
  [{ port: 0 }, "port", PORT, "0"],
  [{ port: 70000 }, "port", PORT, "70000"],
  [{ port: -1 }, "port", PORT, "-1"],
  [{ port: 8000.5 }, "port", PORT, "8000.5"],
  [{ port: "http" }, "port", PORT, '"http"'],
  [{ port: "" }, "port", PORT, '""'],
  [
    { bindAddress: "eth0" },
    "bindAddress",
    "takes an IP address of the Docker host, or docker-bridge",
    '"eth0"',
  ],
  [{ bindAddress: "10.0.0.256" }, "bindAddress", "takes an IP address", '"10.0.0.256"'],
  [
    { dockerHost: "tcp://10.0.0.1:2375" },
    "dockerHost",
    "takes local, unix:///path/of/docker.sock or ssh://user@host[:port]",
    '"tcp://10.0.0.1:2375"',
  ],
  [{ dataPath: "data" }, "dataPath", "takes an absolute path", '"data"'],
  [{ dataPath: "./data" }, "dataPath", "takes an absolute path", '"./data"'],
  [{ dataPath: "/srv/../etc" }, "dataPath", "takes a path without ..", '"/srv/../etc"'],
  [{ dataPath: "/srv/a:b" }, "dataPath", "takes an absolute path", '"/srv/a:b"'],
  [{ dataPath: "//./" }, "dataPath", "takes a folder of its own, below /", '"//./"'],
  [{ dataPath: "${checkout}/" }, "dataPath", "takes a folder of its own", '"${checkout}/"'],
  [{ dataPath: "${HOME}/data" }, "dataPath", "takes an absolute path", '"${HOME}/data"'],
  [{ users: undefined }, "users", "is missing: takes a list of users", undefined],
  [{ users: [] }, "users", "takes at least one user", "an empty list"],
  [{ users: "ci" }, "users", "takes a list of users", "text"],
  [{ users: ["ci"] }, "users[0]", "takes a map", "text"],
  [{ users: [{ name: "", access: "push" }] }, "users[0].name", USER_NAME, '""'],
  [{ users: [{ name: "a:b", access: "push" }] }, "users[0].name", USER_NAME, '"a:b"'],
  [{ users: [{ name: "a b", access: "push" }] }, "users[0].name", USER_NAME, '"a b"'],
  [{ users: [{ name: "a\u0007b", access: "push" }] }, "users[0].name", USER_NAME, '"a\\u0007b"'],
  [{ users: [{ name: "a\nroot:x", access: "push" }] }, "users[0].name", USER_NAME, '"a\\nroot:x"'],
  [
    { users: [{ name: "n".repeat(256), access: "push" }] },
    "users[0].name",
    "takes at most 255 bytes",
    '"nnn',
  ],
  [{ users: [{ access: "push" }] }, "users[0].name", "is missing: takes the user's name", undefined],
  [{ users: [{ name: "a" }] }, "users[0].access", "is missing: takes pull, push or admin", undefined],
  [{ users: [{ name: "a", access: "all" }] }, "users[0].access", "takes pull, push or admin", '"all"'],
  [
    {
      users: [
        { name: "a", access: "pull" },
        { name: "a", access: "push" },
      ],
    },
    "users[1].name",
    "is taken already by users[0]",
    '"a"',
  ],
  [
    { users: [{ name: "a", access: "pull", repositories: ["../x"] }] },
    "users[0].repositories[0]",
    "takes a repository such as team/app",
    '"../x"',
  ],
  [
    { users: [{ name: "a", access: "pull", repositories: [] }] },
    "users[0].repositories",
    "takes at least one pattern",
    "an empty list",
  ],
  [{ images: "always" }, "images.mode", "takes auto, pull or build", '"always"'],
  [{ images: { registry: "-v" } }, "images.registry", "takes an image reference", '"-v"'],
  [
    { certificate: { keyType: "rsa-1024" } },
    "certificate.keyType",
    "takes ecdsa-p256, rsa-2048, rsa-3072 or rsa-4096",
    '"rsa-1024"',
  ],
  [
    { certificate: { subject: { country: "China" } } },
    "certificate.subject.country",
    "takes two capital letters",
    '"China"',
  ],
  [
    { certificate: { subject: { organization: "a\nb" } } },
    "certificate.subject.organization",
    "takes printable characters only",
    '"a\\nb"',
  ],
  [
    { certificate: { subject: { commonName: "c".repeat(65) } } },
    "certificate.subject.commonName",
    "takes at most 64 characters",
    '"ccc',
  ],
  [{ certificate: { names: ["registry"] } }, "certificate.names[0]", NAME, '"registry"'],
  [
    { certificate: { addresses: ["10.0.0"] } },
    "certificate.addresses[0]",
    "takes an IPv4 or IPv6 address",
    '"10.0.0"',
  ],
  [{ certificate: { serverDays: 0 } }, "certificate.serverDays", "takes at least 1 day", "0"],
  [{ certificate: { protect: "yes" } }, "certificate.protect", "takes true or false", '"yes"'],
  [
    { certificate: { authorityDays: 100, serverDays: 365 } },
    "certificate.authorityDays",
    "must be at least serverDays (365)",
    "100",
  ],
  [
    { certificate: { serverDays: 60 } },
    "certificate.renewBeforeDays",
    "must be less than serverDays (60)",
    "60",
  ],
  [
    { dockerHost: "ssh://far.example.com", dataPath: "${checkout}/data" },
    "dataPath",
    "takes an absolute path of the Docker host",
    undefined,
  ],
];

describe("bad input names the path, what is allowed and what was found:", () => {
  it.each(bad)("%j", (values, path, allowed, found) => {
    const lines = faults(values);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^private-registry:${escape(path)} ${escape(allowed)}`));
    if (found === undefined) expect(lines[0]).not.toContain("undefined");
    else expect(lines[0]).toContain(`found ${found}`);
  });
});

it.each([
  [{ prot: 8000 }, "private-registry:prot is not a setting; did you mean port?"],
  [{ hostnames: "x" }, "private-registry:hostnames is not a setting; did you mean hostname?"],
  [{ constructor: "x" }, "private-registry:constructor is not a setting; did you mean"],
  [
    { certificate: { authorityDay: 5 } },
    "private-registry:certificate.authorityDay is not a setting; did you mean authorityDays?",
  ],
  [
    { certificate: { subject: { organisation: "x" } } },
    "private-registry:certificate.subject.organisation is not a setting; did you mean organization?",
  ],
  [
    { users: [{ ...minimal.users[0], acces: "x" }] },
    "private-registry:users[0].acces is not a setting; did you mean access?",
  ],
  [{ images: { mod: "auto" } }, "private-registry:images.mod is not a setting; did you mean mode?"],
  [{ sshPrivateKey: "x" }, "private-registry:sshPrivateKey is not available in this version"],
])("names an unknown key and the nearest one: %j", (values, message) => {
  const lines = faults(values);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(message);
});

it("reports all faults at once, also two in one setting", () => {
  const lines = faults({
    hostname: "registry",
    port: 0,
    prot: 1,
    dataPath: "data",
    users: [
      { name: "a:b", access: "all" },
      { name: "b", access: "pull", password: " " },
    ],
    certificate: { authorityDays: 5, serverDays: 10, renewBeforeDays: 20 },
  });
  const paths = lines.map((line) => /^private-registry:(\S+)/.exec(line)?.[1]);
  expect(paths.sort()).toEqual(
    [
      ...["hostname", "port", "prot", "dataPath", "users[0].name", "users[0].access", "users[1].password"],
      ...["certificate.authorityDays", "certificate.renewBeforeDays"],
    ].sort(),
  );
});

it("leaves the configuration of others alone", () => {
  const others = { "docker:host": "x", "private-registry-two:port": "0" };
  expect(parseSettings({ ...config(minimal), ...others }).port).toBe(8000);
});

describe("passwords", () => {
  const withPassword = (password: unknown) => ({ users: [{ name: "a", access: "pull", password }] });

  it.each([
    ["", "must not be empty or white space; leave it out to have one generated"],
    [" \t ", "must not be empty or white space"],
    ["elevenchars", "takes at least 12 characters"],
    ["ü".repeat(37), "takes at most 72 bytes"],
    ["twelve chars\nand a line", "takes printable characters only"],
    [123456789012, "takes text"],
  ])("refuses %j without repeating it", (password, message) => {
    const lines = faults(withPassword(password));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`private-registry:users[0].password ${message}`);
    expect(lines[0]).not.toContain("found");
    if (String(password).trim() !== "") expect(lines[0]).not.toContain(String(password));
  });

  it("takes what a person may think of, as it is", () => {
    const password = `"quotes" 'n' \\ $(id) ; {} # : ü`;
    expect(parse(withPassword(password)).users[0]?.password).toBe(password);
  });
});

it.each([
  ["a list of users that is no JSON", { users: '[{"name":"a","password":"HIDDEN-secret"' }],
  ["users as a map", { users: { admin: "HIDDEN-secret" } }],
  ["a user as text", { users: ["admin:HIDDEN-secret"] }],
  ["a password in the wrong place", { users: [{ name: { password: "HIDDEN-secret" }, access: "pull" }] }],
  ["a password under a wrong key", { users: [{ name: "a", access: "pull", pasword: "HIDDEN-secret" }] }],
  ["a password in a list", { users: [{ name: "a", access: "pull", password: ["HIDDEN-secret"] }] }],
  ["a password in a URL", { dockerHost: "ssh://root:HIDDEN-secret@host/x" }],
  ["a certificate as text", { certificate: "-----BEGIN PRIVATE KEY-----HIDDEN-secret" }],
  ["a key that cannot be read", { certificate: { chain: "none", key: "HIDDEN-secret" } }],
  ["a key that is no text", { certificate: { chain: "none", key: { pem: "HIDDEN-secret" } } }],
  [
    "a key where the chain belongs",
    { certificate: { chain: "-----BEGIN PRIVATE KEY-----HIDDEN-secret", key: "x" } },
  ],
])("never repeats a secret: %s", (_, values) => {
  const lines = faults(values);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join("\n")).not.toContain("HIDDEN");
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
