import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { issueChain } from "../../support/certificates";
import { files } from "../../support/files";
import { resolved, runProgram } from "../../support/program";

describe("certificates", () => {
  it("covers every name and address, and a name too long for the common name", async () => {
    const hostname = `${"a".repeat(60)}.example.com`;
    const { one } = await runProgram({
      hostname,
      certificate: { names: ["r2.example.com"], addresses: ["10.1.2.3", "127.0.0.1"] },
    });
    expect(one("server-request").inputs).toMatchObject({
      subject: { commonName: hostname.slice(0, 64) },
      dnsNames: [hostname, "r2.example.com"],
      ipAddresses: ["127.0.0.1", "10.1.2.3"],
    });
  });

  it("names no address for a gateway that listens everywhere", async () => {
    const { one } = await runProgram({ bindAddress: "0.0.0.0" });
    expect(one("server-request").inputs).not.toHaveProperty("ipAddresses.0");
  });

  it.each([
    ["ecdsa-p256", { algorithm: "ECDSA", ecdsaCurve: "P256" }],
    ["rsa-2048", { algorithm: "RSA", rsaBits: 2048 }],
    ["rsa-3072", { algorithm: "RSA", rsaBits: 3072 }],
    ["rsa-4096", { algorithm: "RSA", rsaBits: 4096 }],
  ])("makes both keys %s", async (keyType, expected) => {
    const { one } = await runProgram({ certificate: { keyType } });
    expect(one("ca-key").inputs).toEqual(expected);
    expect(one("server-key").inputs).toEqual(expected);
  });

  it("says how long they are valid and when they are renewed", async () => {
    const { one } = await runProgram({
      certificate: { authorityDays: 1000, serverDays: 100, renewBeforeDays: 30 },
    });
    expect(one("ca-cert").inputs).toMatchObject({
      validityPeriodHours: 24_000,
      earlyRenewalHours: 130 * 24,
      isCaCertificate: true,
    });
    expect(one("server-cert").inputs).toMatchObject({ validityPeriodHours: 2400, earlyRenewalHours: 720 });
  });

  it("makes none where the user brings one: its certificates alone are shown, its key stays secret", async () => {
    const { server, chain, root } = issueChain(["registry.example.com"]);
    const own = await runProgram({
      certificate: { chain: `friendly text\n${server.key}${chain}`, key: server.key },
    });
    expect(own.resources.filter(({ type }) => type.startsWith("tls:"))).toEqual([]);
    const gateway = files(own.one("gateway-files-revision"));
    expect(gateway["server.crt"]).toBe(chain);
    expect(gateway["server.key"]).toBe(server.key);
    expect(own.one("gateway-files-revision").secrets).toContain("stdin");
    expect(await resolved(own.outputs["caCertificate"])).toEqual({ value: root.certificate, secret: false });
    const ends = new Date(new X509Certificate(server.certificate).validTo).toISOString();
    expect((await resolved(own.outputs["certificateExpires"])).value).toBe(ends);
  });
});
