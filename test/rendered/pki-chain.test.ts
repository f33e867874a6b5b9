import * as fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { chainFaults, trustAnchor } from "../../components/pki/provided-chain";
import { issue, issueChain } from "../support/certificates";
import { run } from "../support/run";
import { Sandbox } from "../support/sandbox";

/** What we say about a chain that a user brings, and what openssl, standing for all clients, says about the same. */
const NAME = "registry.example.com";
const sandbox = new Sandbox("pki");
const folder = sandbox.folder();
afterAll(() => sandbox.remove());

const good = issueChain([NAME, "10.0.0.5"]);
const other = issueChain(["other.example.com"]);
const expired = issue({ commonName: "Expired", issuer: good.intermediate, names: [NAME], days: 1 });
const notAnAuthority = issue({ commonName: "Not an authority", issuer: good.intermediate, names: [NAME] });
const byNoAuthority = issue({ commonName: "By no authority", issuer: notAnAuthority, names: [NAME] });
const wildcard = issue({ commonName: "Wildcard", issuer: good.intermediate, names: ["*.example.com"] });
const commonNameOnly = issue({ commonName: NAME, issuer: good.intermediate, names: ["other.example.com"] });
const up = good.intermediate.certificate + good.root.certificate;
const soon = new Date(Date.now() + 60_000);
const inTwoDays = new Date(Date.now() + 48 * 3600 * 1000);

const cases: [what: string, chain: string, key: string, usable: boolean, now?: Date][] = [
  ["right", good.chain, good.server.key, true],
  ["for a wildcard", wildcard.certificate + up, wildcard.key, true],
  ["with another key", good.chain, good.root.key, false],
  ["for another name", other.chain, other.server.key, false],
  [
    "with the name as common name, and another as alternative",
    commonNameOnly.certificate + up,
    commonNameOnly.key,
    false,
  ],
  ["valid for a day, today", expired.certificate + up, expired.key, true],
  ["valid for a day, in two days", expired.certificate + up, expired.key, false, inTwoDays],
  [
    "with issuers of others",
    good.server.certificate + other.intermediate.certificate + other.root.certificate,
    good.server.key,
    false,
  ],
  [
    "of an issuer that may not issue",
    byNoAuthority.certificate + notAnAuthority.certificate + up,
    byNoAuthority.key,
    false,
  ],
];

/** True where openssl would let a client that trusts the last certificate talk to the server. */
async function opensslAccepts(chain: string, key: string, now: Date): Promise<boolean> {
  const file = (name: string, text: string) => {
    fs.writeFileSync(`${folder}/${name}`, text, { mode: 0o600 });
    return `${folder}/${name}`;
  };
  const leaf = file("leaf", chain);
  const verified = await run("openssl", [
    ...[
      "verify",
      "-x509_strict",
      "-attime",
      String(Math.floor(now.getTime() / 1000)),
      "-verify_hostname",
      NAME,
    ],
    ...["-CAfile", file("anchor", trustAnchor(chain)), "-untrusted", leaf, leaf],
  ]);
  const [ofCertificate, ofKey] = [
    await run("openssl", ["x509", "-in", leaf, "-noout", "-pubkey"]),
    await run("openssl", ["pkey", "-in", file("key", key), "-pubout"]),
  ];
  return verified.code === 0 && ofCertificate.stdout === ofKey.stdout;
}

describe("a chain", () => {
  it.each(cases)("%s: openssl and we agree", async (_, chain, key, usable, now = soon) => {
    const faults = chainFaults({ chain, key, names: [NAME], addresses: [], now });
    expect(faults.length === 0, JSON.stringify(faults)).toBe(usable);
    expect(await opensslAccepts(chain, key, now)).toBe(usable);
  });
});
