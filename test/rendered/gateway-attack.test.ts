import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { digestOf, manifestOf, MANIFEST_TYPE, pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { Random } from "../support/random";
import { RawConnection, type RawAnswer } from "../support/raw-http";
import { must } from "../support/run";
import { Stack } from "../support/stack";
import { attack, type Attack, type Knowledge } from "./attack-requests";

/** A longer run by hand: ATTACK_REQUESTS=500000 ATTACK_SEED=7 npx vitest run --project rendered gateway-attack */
const REQUESTS = Number(process.env["ATTACK_REQUESTS"] ?? 12_000);
const SEED = Number(process.env["ATTACK_SEED"] ?? 20261125);
const CONNECTIONS = 24;

const stack = new Stack("attack");
const users = [
  { name: "root", access: "admin" },
  { name: "a-push", access: "push", repositories: ["team-a/*"] },
  { name: "a-pull", access: "pull", repositories: ["team-a/*"] },
];
/** Both begin with words of their own, to be found in whatever comes back. */
const mine = Buffer.concat([Buffer.from("CONTENT-OF-TEAM-A"), randomBytes(500)]);
const theirs = Buffer.concat([Buffer.from("SECRET-OF-TEAM-B"), randomBytes(500)]);
const both = randomBytes(300);
let direct: Direct;
let own: { blob: string; manifest: string };
let secret: { blob: string; manifest: string };
let upload: string;

beforeAll(async () => {
  await stack.start({ users });
  direct = new Direct(await stack.registryAddress());
  own = await pushImage(direct, "team-a/app", "v1", mine);
  await pushImage(direct, "team-a/app", "both", both);
  secret = await pushImage(direct, "team-b/app", "v1", theirs);
  await pushImage(direct, "team-b/app", "secret-tag", both);
  const begun = await direct.request("/v2/team-b/app/blobs/uploads/", { method: "POST" });
  upload = new URL(begun.header("location")[0] ?? "").pathname.split("/").at(-1) ?? "";
});
afterAll(() => stack.remove());

async function eachAttack(see: (sent: Attack, answer: RawAnswer | undefined) => void): Promise<void> {
  const known: Knowledge = {
    repositories: ["team-a/app", "team-b/app", "team-b/app", "team-a/new", "team-b", "team-a"],
    digests: [own.blob, secret.blob, secret.blob, secret.manifest, digestOf(both), digestOf("unknown")],
    upload,
    host: stack.client.address,
    logins: [await stack.user("a-push"), await stack.user("a-pull")],
  };
  const random = new Random(SEED);
  let left = REQUESTS;
  const worker = async () => {
    const connection = new RawConnection(stack.client.options);
    while (left-- > 0) {
      const sent = attack(random, known);
      see(sent, await connection.send(sent.bytes, sent.method));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

const shown = ({ bytes }: Attack) => bytes.toString("latin1").slice(0, 600);

it(`${REQUESTS} requests with seed ${SEED} get at nothing, change nothing, and break nothing`, async () => {
  const workers = () => must("docker", ["exec", stack.gateway, "pidof", "nginx"]);
  const before = await workers();
  const statuses = new Map<number, number>();
  const leaks: string[] = [];
  const broken: { sent: Attack; answer: RawAnswer }[] = [];
  const marks = ["SECRET-OF-TEAM-B", "secret-tag", "go_goroutines", "Active connections"];

  await eachAttack((sent, answer) => {
    const status = answer?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (answer === undefined) return;
    const text = answer.head + answer.body.toString("latin1");
    // A digest that was asked for may be named in the answer; what nobody asked for must not.
    if (marks.some((mark) => text.includes(mark))) leaks.push(`${shown(sent)}\n=> ${text.slice(0, 300)}`);
    if (status >= 500 && ![501, 505].includes(status)) broken.push({ sent, answer });
  });

  const told = JSON.stringify([...statuses].sort());
  expect(leaks, told).toEqual([]);
  // The registry's own faults are its own: asked directly, it has the same.
  for (const { sent, answer } of broken) {
    const path = shown(sent).split(" ")[1] ?? "";
    expect((await direct.request(path, { method: sent.method })).status, shown(sent)).toBe(answer.status);
  }
  // The attack is one: it comes to where there is something, and is sent away, and sees what it may see.
  for (const status of [200, 202, 400, 403, 404, 405])
    expect(statuses.get(status), told).toBeGreaterThan(REQUESTS / 500);

  // Nothing of team B's came to team A, by a mount or otherwise; nothing of theirs was changed or taken away.
  for (const repository of ["team-a/app", "team-a/new"])
    for (const digest of [secret.blob, secret.manifest])
      expect((await direct.request(`/v2/${repository}/blobs/${digest}`, { method: "HEAD" })).status).toBe(
        404,
      );
  expect((await direct.request("/v2/team-b/app/tags/list")).json()).toEqual({
    name: "team-b/app",
    tags: ["secret-tag", "v1"],
  });
  const manifest = await direct.request("/v2/team-b/app/manifests/v1", {
    headers: { Accept: MANIFEST_TYPE },
  });
  expect(manifest.body.equals(manifestOf(secret.blob, theirs.length))).toBe(true);
  expect((await direct.request(`/v2/team-b/app/blobs/${secret.blob}`)).body.equals(theirs)).toBe(true);
  const { repositories } = (await direct.request("/v2/_catalog")).json() as { repositories: string[] };
  expect(repositories.filter((name) => !name.startsWith("team-a/"))).toEqual(["team-b/app"]);

  expect(await workers()).toBe(before);
  const { access, error } = await stack.logs();
  expect(error.filter((line) => /\[(?:alert|emerg|crit)\]|signal|core dumped/.test(line))).toEqual([]);
  expect(access.length).toBeGreaterThan(REQUESTS / 2);
  expect((await stack.client.request("/v2/", { user: await stack.user("root") })).status).toBe(200);
});

it("would see a leak: the same requests by who may see everything", async () => {
  const found = await new RawConnection(stack.client.options).send(
    Buffer.from(
      `GET /v2/team-b/app/blobs/${secret.blob} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from(await stack.user("root")).toString("base64")}\r\nConnection: close\r\n\r\n`,
    ),
    "GET",
  );
  expect(found?.body.toString("latin1")).toContain("SECRET-OF-TEAM-B");
});
