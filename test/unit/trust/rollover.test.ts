import { expect, it } from "vitest";
import { connectionTo } from "../../../components/trust/connection";
import { renderVariables } from "../../../components/trust/host-variables";
import { issue } from "../../support/certificates";
import { parse } from "../../support/settings";
import { all, run } from "../scripts/run";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIICs0gDSFzEmpJeGzmLBSXwz4TVrlF2v4iP9YlqaC2ow";

/** A host that nobody can reach: whoever asks it fails. */
function rollover(AUTHORITY: string, before: Record<string, string>) {
  const [host] = parse({ hosts: [{ name: "web", address: "127.0.0.1", port: 1, hostKey }] }).hosts;
  if (host === undefined) throw new Error("no host");
  const { environment, stdin } = connectionTo(host, { sshPrivateKey: undefined });
  const authority = issue({ commonName: "CA", ca: true }).certificate;
  const variables = renderVariables(host, {
    stack: "test",
    registry: "registry.example.com:8000",
    authority,
  });
  return run("sh", ["components/trust/rollover.sh"], {
    env: { PATH: process.env.PATH, ...environment, AUTHORITY, ...before },
    input: stdin + variables,
  });
}

it.each([
  ["is new", {}],
  ["has been told of this CA", { PULUMI_COMMAND_STDOUT: "one" }],
])("a host that cannot be reached is in nobody's way while it %s", async (_what, before) => {
  expect(all(await rollover("one", before))).toBe("one(exit code 0)");
});

it("a host that cannot be told of a new CA holds the certificate back, and says which", async () => {
  const { code, stdout, stderr } = await rollover("two", { PULUMI_COMMAND_STDOUT: "one" });
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^web: unreachable: .*\nThe registry keeps its certificate until/);
});
