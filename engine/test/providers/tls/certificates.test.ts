import { beforeAll, describe, expect, it } from "vitest";
import { revealAll, type PropertyMap } from "../../../src/values/value";
import { context, make, openssl, pemOf, textOf, typeOf, type Made } from "./openssl";

const subject = { commonName: "Registry CA", organization: "Acme", country: "DE" };
const names = { dnsNames: ["registry.test", "*.registry.test"], ipAddresses: ["10.1.2.3", "fd00::1"] };

describe.each(["ECDSA", "RSA", "ED25519"])(
  "a %s authority, a request and what is signed of it",
  (algorithm) => {
    let caKey: Made, key: Made, ca: Made, request: Made, leaf: Made;
    beforeAll(async () => {
      const curve: PropertyMap = algorithm === "ECDSA" ? { ecdsaCurve: "P256" } : {};
      [caKey, key] = await Promise.all([
        make("privateKey", { algorithm, ...curve }),
        make("privateKey", { algorithm, ...curve }),
      ]);
      ca = await make("selfSignedCert", {
        privateKeyPem: textOf(caKey, "privateKeyPem"),
        subject,
        isCaCertificate: true,
        maxPathLength: 1,
        validityPeriodHours: 48,
        allowedUses: ["cert_signing", "crl_signing"],
        setSubjectKeyId: true,
      });
      request = await make("certRequest", {
        privateKeyPem: textOf(key, "privateKeyPem"),
        subject: { commonName: "registry.test" },
        ...names,
        uris: ["spiffe://registry.test/a"],
      });
      leaf = await make("locallySignedCert", {
        certRequestPem: textOf(request, "certRequestPem"),
        caPrivateKeyPem: textOf(caKey, "privateKeyPem"),
        caCertPem: textOf(ca, "certPem"),
        validityPeriodHours: 24,
        allowedUses: ["digital_signature", "server_auth"],
        setSubjectKeyId: true,
      });
    });

    const read = (made: Made, ...what: string[]): string =>
      openssl("x509", "-noout", ...what, "-in", pemOf(made, "certPem"));

    it("the authority is one, by name, constraints and uses", () => {
      expect(read(ca, "-subject", "-nameopt", "RFC2253")).toBe("subject=CN=Registry CA,O=Acme,C=DE\n");
      const extensions = read(ca, "-ext", "basicConstraints,keyUsage");
      expect(extensions).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
      expect(extensions).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    });

    it("the request is signed by its key and carries every name", () => {
      expect(openssl("req", "-noout", "-verify", "-text", "-in", pemOf(request, "certRequestPem"))).toMatch(
        /DNS:registry\.test, DNS:\*\.registry\.test, IP Address:10\.1\.2\.3, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe:\/\/registry\.test\/a/,
      );
    });

    it("openssl verifies the chain as a server's, for each of its names and no other", () => {
      const verify = (...args: string[]): string =>
        openssl(
          "verify",
          "-x509_strict",
          "-purpose",
          "sslserver",
          ...args,
          "-CAfile",
          pemOf(ca, "certPem"),
          pemOf(leaf, "certPem"),
        );
      for (const name of ["registry.test", "a.registry.test"])
        expect(verify("-verify_hostname", name)).toMatch(/: OK/);
      for (const address of ["10.1.2.3", "fd00::1"]) expect(verify("-verify_ip", address)).toMatch(/: OK/);
      expect(() => verify("-verify_hostname", "other.test")).toThrow(/[Hh]ostname mismatch/);
      expect(() => verify("-verify_ip", "10.1.2.4")).toThrow(/IP address mismatch/);
    });

    it("the certificate holds the request's key and lasts as long as asked, as its outputs say", () => {
      expect(read(leaf, "-pubkey")).toBe(textOf(key, "publicKeyPem"));
      const [start, end] = ["validityStartTime", "validityEndTime"].map((name) =>
        Date.parse(textOf(leaf, name)),
      );
      expect((end ?? 0) - (start ?? 0)).toBe(24 * 3_600_000);
      expect(Date.parse(read(leaf, "-enddate").replace("notAfter=", ""))).toBe(
        Math.floor((end ?? 0) / 1000) * 1000,
      );
      expect(BigInt(`0x${read(leaf, "-serial").trim().replace("serial=", "")}`).toString()).toBe(leaf.id);
    });

    it("another authority's key is refused", async () => {
      await expect(
        make("locallySignedCert", {
          certRequestPem: textOf(request, "certRequestPem"),
          caPrivateKeyPem: textOf(key, "privateKeyPem"),
          caCertPem: textOf(ca, "certPem"),
          validityPeriodHours: 24,
          allowedUses: [],
        }),
      ).rejects.toThrow("provided PrivateKey doesn't match parent's PublicKey");
    });
  },
);

describe("the renewal of a certificate", () => {
  const inputsOf = (key: Made, earlyRenewalHours: number): PropertyMap => ({
    privateKeyPem: textOf(key, "privateKeyPem"),
    subject,
    validityPeriodHours: 24,
    earlyRenewalHours,
    allowedUses: [],
  });
  const diffAt = async (hoursLeft: number, early: number) => {
    const key = await make("privateKey", { algorithm: "ED25519" });
    const inputs = inputsOf(key, early);
    const made = await make("selfSignedCert", inputs);
    const end = new Date(Date.now() + hoursLeft * 3_600_000).toISOString();
    return typeOf("selfSignedCert").diff({
      urn: "urn:pulumi:dev::test::tls:index/selfSignedCert:SelfSignedCert::x",
      id: made.id,
      oldInputs: inputs,
      oldOutputs: { ...made, validityEndTime: end },
      news: inputs,
      ignoreChanges: [],
    });
  };

  it("is no change before its time, and a replacement from then on", async () => {
    expect(await diffAt(3, 2)).toMatchObject({ changes: "none", replaces: [] });
    expect(await diffAt(1, 2)).toMatchObject({ changes: "some", replaces: ["readyForRenewal"] });
    expect(await diffAt(-1, 0)).toMatchObject({ changes: "some", replaces: ["readyForRenewal"] });
  });

  it("shows in a refresh, and at once where the whole validity is renewal time", async () => {
    const key = await make("privateKey", { algorithm: "ED25519" });
    const made = await make("selfSignedCert", inputsOf(key, 2));
    expect(made["readyForRenewal"]).toBe(false);
    expect((await make("selfSignedCert", inputsOf(key, 24)))["readyForRenewal"]).toBe(true);
    const read = await typeOf("selfSignedCert").read?.({
      ...context,
      urn: "urn:pulumi:dev::test::tls:index/selfSignedCert:SelfSignedCert::x",
      id: made.id,
      inputs: inputsOf(key, 2),
      outputs: { ...made, validityEndTime: new Date(Date.now() + 3_600_000).toISOString() },
    });
    expect(revealAll(read?.outputs ?? {})["readyForRenewal"]).toBe(true);
  });
});

it.each([
  [{ ipAddresses: ["10.1.2"] }, /Invalid IP address.*10\.1\.2/],
  [{ subject: { commonname: "x" } }, /subject\.commonname.*did you mean commonName/],
  [{ dnsnames: ["x"] }, /did you mean dnsNames/],
])("a request with %j is refused", async (wrong, message) => {
  const key = await make("privateKey", { algorithm: "ED25519" });
  await expect(
    make("certRequest", { privateKeyPem: textOf(key, "privateKeyPem"), ...wrong }),
  ).rejects.toThrow(message);
});
