import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RawConnection } from "../support/raw-http";
import { must } from "../support/run";
import { Stack } from "../support/stack";

const PASSWORD = "chosen by a person";
const CHOSEN = ["one", "two", "three", "four"];
const GENERATED = CHOSEN.map((name) => `generated-${name}`);

const stack = new Stack("guessing");
const users = [
  { name: "root", access: "admin" },
  { name: "reader", access: "pull" },
  ...CHOSEN.map((name) => ({ name, access: "pull", password: PASSWORD })),
  ...GENERATED.map((name) => ({ name, access: "pull" })),
];
let root: string;
let reader: string;
let authority: string | undefined;

beforeAll(async () => {
  await stack.start({ users });
  [root, reader] = [await stack.user("root"), await stack.user("reader")];
});
afterAll(() => stack.remove());

/** Statuses of so many requests at once, and how often each came. */
async function flood(times: number, user: string | undefined): Promise<Map<number, number>> {
  const who = user === undefined ? {} : { user };
  const answers = await Promise.all(
    Array.from({ length: times }, () => stack.client.request("/v2/", who).then(({ status }) => status)),
  );
  return count(answers);
}

function count(statuses: readonly number[]): Map<number, number> {
  const seen = new Map<number, number>();
  for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
  return seen;
}

/** Guesses the passwords of these users over as many connections each, as fast as answers come, while `work` goes on. */
async function guessing<T>(names: readonly string[], connections: number, work: () => Promise<T>) {
  const state = { going: true };
  const statuses: number[] = [];
  const guess = async (name: string) => {
    const connection = new RawConnection(stack.client.options);
    for (let tries = 0; state.going; tries++) {
      const authorization = Buffer.from(`${name}:guess ${tries}`).toString("base64");
      const request = `GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\n\r\n`;
      const answer = await connection.send(Buffer.from(request), "GET");
      if (answer !== undefined) statuses.push(answer.status);
    }
    connection.close();
  };
  const guesses = names.flatMap((name) => Array.from({ length: connections }, () => guess(name)));
  try {
    return { result: await work(), statuses };
  } finally {
    state.going = false;
    await Promise.all(guesses);
  }
}

/** Milliseconds of a request of somebody else's in the middle of them all. */
async function bystander(): Promise<number> {
  const took: number[] = [];
  const connection = new RawConnection(stack.client.options);
  const authorization = Buffer.from(reader).toString("base64");
  const request = Buffer.from(
    `GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\n\r\n`,
  );
  for (const end = performance.now() + 4000; performance.now() < end;) {
    const began = performance.now();
    const answer = await connection.send(request, "GET");
    // None within 1.5 s is no answer: it counts as that long.
    if (answer !== undefined) expect(answer.status).toBe(200);
    took.push(performance.now() - began);
  }
  connection.close();
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? NaN;
}

describe("guessing a generated password", () => {
  it("is slowed down by address and user, told as the API has it, and felt by nobody else", async () => {
    const guesses = flood(100, "root:wrong");
    // Meanwhile, from the same address: the others, and even the one whose password is being guessed.
    const others = await Promise.all([flood(20, reader), flood(20, root), flood(5, undefined)]);
    expect(others.map((seen) => [...seen.keys()])).toEqual([[200], [200], [401]]);
    const seen = await guesses;
    expect([...seen.keys()].sort()).toEqual([401, 429]);
    expect(seen.get(429)).toBeGreaterThan(60);
    const refused = await Promise.all(
      Array.from({ length: 40 }, () => stack.client.request("/v2/", { user: "root:wrong" })),
    );
    const tooMany = refused.find(({ status }) => status === 429);
    expect(tooMany?.json()).toMatchObject({ errors: [{ code: "TOOMANYREQUESTS", detail: {} }] });
    expect(tooMany?.header("retry-after")).toEqual(["5"]);
    expect((await flood(3, "nobody:wrong")).get(401)).toBe(3);
  });
});

describe("guessing a password that a person chose", () => {
  it("costs bystanders no more than guessing generated ones: what is checked a second has a limit", async () => {
    const generated = await guessing(GENERATED, 8, bystander);
    const chosen = await guessing(CHOSEN, 8, bystander);
    // The attack is one.
    expect(count(chosen.statuses).get(401)).toBeGreaterThan(10);
    // Event loops that are full of checks make this several hundred times.
    expect(chosen.result / generated.result).toBeLessThan(20);
  });

  it("leaves the one with the right password in, behind the same address", async () => {
    const { result, statuses } = await guessing(["one"], 2, async () => {
      const right = [];
      for (let tries = 0; tries < 10; tries++)
        right.push((await stack.client.request("/v2/", { user: `one:${PASSWORD}` })).status);
      return right;
    });
    expect(count(statuses).get(401)).toBeGreaterThan(5);
    expect(count(result)).toEqual(new Map([[200, 10]]));
  });

  it("however fast, leaves the right one in from another address, and refuses at once, not later", async () => {
    const { result, statuses } = await guessing(["two"], 40, async () => {
      const right = [];
      for (let tries = 0; tries < 5; tries++) right.push(await elsewhere(`two:${PASSWORD}`));
      return right;
    });
    expect(result).toEqual(Array(5).fill("200"));
    // Those that wait are as many as may wait; all others have been told.
    expect(count(statuses).get(429)).toBeGreaterThan(count(statuses).get(401) ?? 0);
  });
});

/** The status of `/v2/` for a client with an address of its own: this machine's curl in a container. */
async function elsewhere(user: string): Promise<string> {
  const { hostname, ca } = stack.client.options;
  authority ??= `${stack.sandbox.folder()}/ca.crt`;
  writeFileSync(authority, ca);
  const ip = await stack.ip(stack.gateway);
  return must(
    "docker",
    [
      ...["run", "--rm", "--interactive", "--network", stack.sandbox.name, "--volume", "/:/host:ro"],
      ...["--entrypoint", "/bin/busybox", stack.images.gateway, "chroot", "/host"],
      ...["curl", "-sS", "-K", "-", "--cacert", authority, "--resolve", `${hostname}:8443:${ip}`],
      ...["-o", "/dev/null", "-w", "%{http_code}", `https://${hostname}:8443/v2/`],
    ],
    { input: `user = "${user}"\n` },
  );
}
