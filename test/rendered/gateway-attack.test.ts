import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import { digestOf, manifestOf, MANIFEST_TYPE, pushImage } from "../support/content";
import type { ClientOptions } from "../support/client";
import { Direct } from "../support/direct";
import { Random } from "../support/random";
import { RawConnection, type RawAnswer } from "../support/raw-http";
import { must } from "../support/run";
import { freePort } from "../support/sandbox";
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
  { name: "one", access: "push", repositories: ["team-d/app"] },
  { name: "c-admin", access: "admin", repositories: ["team-c/*"] },
];
const FOLDERS = ["team-a", "team-b", "team-c", "team-d"];
const SECRET = "SECRET-OF-TEAM-B";
/** Begins with words of its own, to be found in whatever comes back. */
const theirs = Buffer.concat([Buffer.from(SECRET), randomBytes(500)]);
const both = randomBytes(300);
let direct: Direct;
let secret: { blob: string; manifest: string };
let upload: string;

beforeAll(async () => {
  const ip = await bridgeAddress("unix:///var/run/docker.sock");
  await stack.start({ users, anonymousPullPort: await freePort(ip) });
  direct = new Direct(await stack.registryAddress());
  for (const folder of FOLDERS) await pushImage(direct, `${folder}/app`, "both", both);
  for (const name of ["team-a/app", "team-c/app", "team-d/app"])
    await pushImage(direct, name, "v1", Buffer.from(`content of ${name}`));
  secret = await pushImage(direct, "team-b/app", "v1", theirs);
  await pushImage(direct, "team-b/app", "secret-tag", both);
  // In the same folder as the one repository that "one" may use.
  await pushImage(direct, "team-d/other", "secret-tag", theirs);
  const begun = await direct.request("/v2/team-b/app/blobs/uploads/", { method: "POST" });
  upload = new URL(begun.header("location")[0] ?? "").pathname.split("/").at(-1) ?? "";
});
afterAll(() => stack.remove());

interface Attacker {
  readonly logins: readonly string[];
  /** Their folder, and what they may not get at. */
  readonly own: string;
  readonly others: readonly string[];
  readonly method?: string;
  readonly at?: ClientOptions;
}

type Seen = { readonly sent: Attack; readonly answer: RawAnswer };

async function eachAttack(by: Attacker, requests: number, see: (seen: Seen) => void): Promise<void> {
  const others = by.others.flatMap((name) => [name, name]);
  const known: Knowledge = {
    repositories: [`${by.own}/app`, ...others, `${by.own}/new`, "team-b", by.own],
    digests: [
      digestOf(`content of ${by.own}/app`),
      ...[secret.blob, secret.blob, secret.manifest, digestOf(both), digestOf("unknown")],
    ],
    upload,
    host: stack.client.address,
    logins: await Promise.all(by.logins.map((name) => stack.user(name))),
    folders: [by.own, "team-b"],
    ...(by.method === undefined ? {} : { method: by.method }),
  };
  const random = new Random(SEED);
  let left = requests;
  const worker = async () => {
    const connection = new RawConnection(by.at ?? stack.client.options);
    while (left-- > 0) {
      const sent = attack(random, known);
      const answer = await connection.send(sent.bytes, sent.method);
      if (answer !== undefined) see({ sent, answer });
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

const shown = ({ bytes }: Attack) => bytes.toString("latin1").slice(0, 600);

/** An answer that says no says why: as JSON that can be read, or, away from the API, as text, ours or the registry's own. */
function unreadable({ status, head, body }: RawAnswer): boolean {
  const text = body.toString();
  if (![400, 401, 403, 404, 405].includes(status) || text === "") return false;
  // Out of step: the late answer to a HEAD, and what came after it.
  if (text.startsWith("HTTP/1.")) return false;
  if (!/^content-type: application\/json/im.test(head))
    return !/^(This is a Docker registry|400 Bad Request|404 page not found|invalid )/.test(text);
  try {
    return !Array.isArray((JSON.parse(text) as { errors?: unknown }).errors);
  } catch {
    return true;
  }
}

/** What the attack did; fails on whatever it must never do. */
async function suffered(by: Attacker, requests: number, marks: readonly string[]) {
  const statuses = new Map<number, number>();
  const faults = { leaks: [] as string[], unreadable: [] as string[] };
  const broken: Seen[] = [];
  await eachAttack(by, requests, ({ sent, answer }) => {
    const { status } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const text = answer.head + answer.body.toString("latin1");
    // A digest that was asked for may be named in the answer; what nobody asked for must not.
    if (marks.some((mark) => text.includes(mark)))
      faults.leaks.push(`${shown(sent)}\n=> ${text.slice(0, 300)}`);
    if (unreadable(answer)) faults.unreadable.push(`${shown(sent)}\n=> ${text.slice(0, 600)}`);
    if (status >= 500 && ![501, 505].includes(status)) broken.push({ sent, answer });
  });
  const told = JSON.stringify([...statuses].sort());
  const some = { leaks: faults.leaks.slice(0, 5), unreadable: faults.unreadable.slice(0, 5) };
  expect(some, told).toEqual({ leaks: [], unreadable: [] });
  // The registry's own faults are its own: asked directly, it has the same.
  for (const { sent, answer } of broken) {
    const path = shown(sent).split(" ")[1] ?? "";
    expect((await direct.request(path, { method: sent.method })).status, shown(sent)).toBe(answer.status);
  }
  return { statuses, told };
}

/** Nobody but an administrator of everything sees names of repositories, or what these pages have. */
const PAGES = ['"repositories":', "go_goroutines", "Active connections"];

/** Nothing of team B's came to others, by a mount or otherwise; nothing of theirs was changed or taken away. */
async function expectUnharmed(own: string): Promise<void> {
  for (const repository of [`${own}/app`, `${own}/new`])
    for (const digest of [secret.blob, secret.manifest]) {
      const found = await direct.request(`/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
      expect(found.status, `${repository} ${digest}`).toBe(404);
    }
  const tags = async (name: string) => (await direct.request(`/v2/${name}/tags/list`)).json();
  expect(await tags("team-b/app")).toEqual({ name: "team-b/app", tags: ["both", "secret-tag", "v1"] });
  expect(await tags("team-d/other")).toEqual({ name: "team-d/other", tags: ["secret-tag"] });
  const manifest = await direct.request("/v2/team-b/app/manifests/v1", {
    headers: { Accept: MANIFEST_TYPE },
  });
  expect(manifest.body.equals(manifestOf(secret.blob, theirs.length))).toBe(true);
  for (const name of ["team-b/app", "team-d/other"])
    expect((await direct.request(`/v2/${name}/blobs/${secret.blob}`)).body.equals(theirs)).toBe(true);
  const { repositories } = (await direct.request("/v2/_catalog")).json() as { repositories: string[] };
  const strange = repositories.filter((name) => !/^team-[ac]\//.test(name));
  expect(strange).toEqual(["team-b/app", "team-d/app", "team-d/other"]);
}

/** The lines of a user in the log; without a name: of all at the address for pulling, and of strangers. */
async function logged(who: string): Promise<Record<string, unknown>[]> {
  // The log is at most a second late.
  await sleep(1500);
  return (await stack.logs()).access.filter(({ user }) => user === who);
}

const told = `requests with seed ${SEED} get at nothing, change nothing, and break nothing`;

describe(`${REQUESTS} ${told}`, () => {
  it("by users of one folder", async () => {
    const workers = () => must("docker", ["exec", stack.gateway, "pidof", "nginx"]);
    const before = await workers();
    const by = { logins: ["a-push", "a-pull"], own: "team-a", others: ["team-b/app"] };
    const { statuses, told: all } = await suffered(by, REQUESTS, [SECRET, "secret-tag", ...PAGES]);
    // The attack is one: it comes to where there is something, and is sent away, and sees what it may see.
    for (const status of [200, 202, 400, 403, 404, 405])
      expect(statuses.get(status), all).toBeGreaterThan(REQUESTS / 500);
    await expectUnharmed("team-a");

    expect(await workers()).toBe(before);
    const { access, error } = await stack.logs();
    expect(error.filter((line) => /\[(?:alert|emerg|crit)\]|signal|core dumped/.test(line))).toEqual([]);
    expect(access.length).toBeGreaterThan(REQUESTS / 2);
    expect((await stack.client.request("/v2/", { user: await stack.user("root") })).status).toBe(200);
  });
});

describe(`${REQUESTS / 6} ${told}`, () => {
  it("by a user of one repository: its neighbours are others'", async () => {
    const by = { logins: ["one"], own: "team-d", others: ["team-d/other", "team-b/app"] };
    const { statuses, told: all } = await suffered(by, REQUESTS / 6, [SECRET, "secret-tag", ...PAGES]);
    for (const status of [200, 202, 403, 404])
      expect(statuses.get(status), all).toBeGreaterThan(REQUESTS / 3000);
    await expectUnharmed("team-d");
  });

  it("by an administrator of one folder, who deletes", async () => {
    const by = {
      logins: ["c-admin"],
      own: "team-c",
      others: ["team-b/app", "team-d/other"],
      method: "DELETE",
    };
    const { statuses, told: all } = await suffered(by, REQUESTS / 6, [
      SECRET,
      "secret-tag",
      ...PAGES.slice(0, 1),
    ]);
    for (const status of [202, 403]) expect(statuses.get(status), all).toBeGreaterThan(REQUESTS / 3000);
    // Those that may be asked of the registry are, and the others are not.
    const deletes = (await logged("c-admin")).filter(({ method }) => method === "DELETE");
    expect(deletes.filter(({ way }) => way === "registry").length).toBeGreaterThan(5);
    expect(deletes.filter(({ why }) => why === "denied").length).toBeGreaterThan(5);
    await expectUnharmed("team-c");
  });

  it.each([["nobody", []] as const, ["an administrator", ["root"]] as const])(
    "by %s at the address for pulling",
    async (_, logins) => {
      const at = stack.anonymous.options;
      const by = { logins, own: "team-a", others: ["team-b/app"], method: "PUT", at };
      const { statuses, told: all } = await suffered(by, REQUESTS / 6, PAGES);
      const changed = (await logged("")).filter(
        ({ method, status }) => Number(status) < 300 && !["GET", "HEAD"].includes(String(method)),
      );
      expect(changed).toEqual([]);
      for (const status of [200, 403, 404])
        expect(statuses.get(status), all).toBeGreaterThan(REQUESTS / 3000);
      await expectUnharmed("team-a");
    },
  );
});

it("would see a leak: the same requests by who may see everything", async () => {
  const login = Buffer.from(await stack.user("root")).toString("base64");
  const send = (path: string) =>
    new RawConnection(stack.client.options).send(
      Buffer.from(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${login}\r\nConnection: close\r\n\r\n`,
      ),
      "GET",
    );
  const found = async (path: string) => (await send(path))?.body.toString("latin1");
  expect(await found(`/v2/team-b/app/blobs/${secret.blob}`)).toContain(SECRET);
  expect(await found("/v2/_catalog")).toContain(PAGES[0]);
  expect(await found("/metrics")).toContain(PAGES[1]);
});
