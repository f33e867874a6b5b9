import { describe, expect, it } from "vitest";
import {
  certificatesOnly,
  chainExpires,
  chainFaults,
  trustAnchor,
} from "../../../components/pki/provided-chain";
import { issue, issueChain } from "../../support/certificates";
import { faults } from "../../support/settings";

const NAME = "registry.example.com";
const { root, intermediate, server, chain } = issueChain([NAME, "*.wild.example.com", "10.0.0.5", "fd00::5"]);
// Later than the start of whatever is issued below.
const now = new Date(Date.now() + 60_000);
const day = 24 * 3600 * 1000;

function check(change: Partial<Parameters<typeof chainFaults>[0]> = {}): string[] {
  const given = { chain, key: server.key, names: [NAME], addresses: [], now, ...change };
  return chainFaults(given).map(({ part, message }) => `${part} ${message}`);
}

describe("a chain that can be used", () => {
  it.each([
    ["whole", {}],
    [
      "with Windows line ends",
      { chain: chain.replaceAll("\n", "\r\n"), key: server.key.replaceAll("\n", "\r\n") },
    ],
    ["with text around it", { chain: `subject=CN\n${chain}\nend` }],
    ["for a wildcard", { names: ["a.wild.example.com"] }],
    ["for addresses", { addresses: ["10.0.0.5", "fd00:0::5"] }],
    ["self-signed", selfSigned()],
    ["for servers and clients", selfSigned("serverAuth,clientAuth")],
  ])("%s", (_, change) => {
    expect(check(change)).toEqual([]);
  });

  function selfSigned(purpose?: string) {
    const { certificate, key } = issue({ commonName: NAME, names: [NAME], ...(purpose && { purpose }) });
    return { chain: certificate, key };
  }
});

describe("a chain that cannot", () => {
  it("belongs to another key", () => {
    expect(check({ key: intermediate.key })).toEqual([
      "key does not belong to the first certificate of chain (CN=Test Server)",
    ]);
  });

  it("is for another name, or for none", () => {
    expect(check({ names: [NAME, "other.example.com"] })).toEqual([
      expect.stringMatching(
        /^chain does not cover the name other\.example\.com; its names are DNS:registry\.example\.com, /,
      ),
    ]);
    const nameless = issue({ commonName: NAME });
    expect(check({ chain: nameless.certificate, key: nameless.key })).toEqual([
      "chain does not cover the name registry.example.com; its names are none (no subject alternative names)",
    ]);
  });

  it("is for another address", () => {
    expect(check({ addresses: ["10.0.0.6"] })).toEqual([
      expect.stringContaining("does not cover the name 10.0.0.6"),
    ]);
  });

  it("has expired, each certificate by itself", () => {
    const later = new Date(now.getTime() + 500 * day);
    expect(check({ now: later })).toEqual([
      expect.stringMatching(/^chain certificate 1 \(CN=Test Server\) expired on \d{4}-\d\d-\d\dT[\d:.]+Z$/),
    ]);
    expect(check({ now: new Date(now.getTime() + 4000 * day) })).toHaveLength(3);
  });

  it("is not valid yet", () => {
    expect(check({ now: new Date(now.getTime() - 2 * day) })).toEqual(
      ["1 (CN=Test Server)", "2 (CN=Test Intermediate)", "3 (CN=Test Root)"].map(
        (about) => expect.stringContaining(`chain certificate ${about} is not valid before`) as string,
      ),
    );
  });

  it("is in the wrong order, and the right one is told", () => {
    expect(check({ chain: server.certificate + root.certificate + intermediate.certificate })).toEqual([
      "chain is out of order: certificate 1 (CN=Test Server) was not issued by certificate 2 (CN=Test Root); its issuer is CN=Test Intermediate",
      "chain is out of order: certificate 2 (CN=Test Root) was not issued by certificate 3 (CN=Test Intermediate); its issuer is CN=Test Root",
    ]);
  });

  it("has no root: nobody trusts an intermediate authority", () => {
    expect(check({ chain: server.certificate + intermediate.certificate })).toEqual([
      "chain ends with certificate 2 (CN=Test Intermediate), which is no root: add the certificate of its issuer (CN=Test Root), and so on, up to the one that signed itself",
    ]);
    expect(check({ chain: server.certificate })).toEqual([expect.stringContaining("(CN=Test Intermediate)")]);
  });

  it("is for clients only", () => {
    const issued = issue({ commonName: NAME, names: [NAME], purpose: "clientAuth" });
    expect(check({ chain: issued.certificate, key: issued.key })).toEqual([
      `chain certificate 1 (CN=${NAME}) is not for servers: its extended key usage lacks serverAuth`,
    ]);
  });

  it("begins with the authority", () => {
    const lines = check({ chain: root.certificate + intermediate.certificate + server.certificate });
    expect(lines).toContain("key does not belong to the first certificate of chain (CN=Test Root)");
    expect(lines).toContainEqual(expect.stringContaining("does not cover the name registry.example.com"));
  });

  it("has an issuer of the right name and another key", () => {
    const impostor = issue({ commonName: "Test Intermediate", ca: true });
    expect(check({ chain: server.certificate + impostor.certificate })).toEqual([
      expect.stringContaining(
        "certificate 1 (CN=Test Server) was not issued by certificate 2 (CN=Test Intermediate)",
      ),
    ]);
  });

  it("has an issuer that is no authority", () => {
    const notOne = issue({ commonName: "Not an authority" });
    const { certificate, key } = issue({ commonName: "Leaf", names: [NAME], issuer: notOne });
    expect(check({ chain: certificate + notOne.certificate, key }).join()).toMatch(
      /certificate 2 \(CN=Not an authority\)|issued by/,
    );
  });

  it("cannot be read", () => {
    expect(check({ chain: "no certificate" })).toEqual([
      "chain holds no certificate: it takes PEM (-----BEGIN CERTIFICATE-----)",
    ]);
    const broken = server.certificate.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
    expect(check({ chain: broken })).toEqual([expect.stringMatching(/^chain cannot be read: /)]);
    expect(check({ key: "no key" })).toEqual([
      "key cannot be read: it takes a private key in PEM without a passphrase",
    ]);
  });
});

describe("in the settings", () => {
  const certificate = { chain, key: server.key };

  it("is reported with its path, among all other faults, without a line of the key", () => {
    const lines = faults(
      { hostname: "other.example.com", port: 0, certificate: { ...certificate, key: root.key } },
      now,
    );
    expect(lines).toEqual([
      expect.stringContaining("private-registry:port"),
      expect.stringContaining("private-registry:certificate.chain does not cover the name other.example.com"),
      expect.stringContaining("private-registry:certificate.key does not belong to the first certificate"),
    ]);
    expect(lines.join("\n")).not.toContain(root.key.split("\n")[1]);
  });

  it("must cover further names and addresses, too", () => {
    expect(
      faults({ certificate: { ...certificate, names: ["r2.example.com"], addresses: ["10.9.9.9"] } }, now),
    ).toHaveLength(2);
  });

  it("takes both parts or none", () => {
    expect(faults({ certificate: { chain } })).toEqual([
      expect.stringContaining("certificate.key is missing"),
    ]);
    expect(faults({ certificate: { key: server.key } })).toEqual([
      expect.stringContaining("certificate.chain is missing"),
    ]);
  });
});

it("names the last certificate as what to trust, and the earliest end as the chain's", () => {
  expect(trustAnchor(chain)).toBe(root.certificate);
  const short = issue({ commonName: "Short", ca: true, days: 5 });
  const end = new Date(chainExpires(server.certificate + short.certificate)).getTime();
  expect(Math.abs(end - (now.getTime() + 5 * day))).toBeLessThan(day);
});

it("hands on certificates and nothing else", () => {
  expect(certificatesOnly(`text\n${server.key}${chain}text`)).toBe(chain);
});
