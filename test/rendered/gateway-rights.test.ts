import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import type { Answer, RequestOptions } from "../support/client";
import { digestOf, MANIFEST_TYPE, pushBlob, pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { must, run } from "../support/run";
import { freePort } from "../support/sandbox";
import { Stack } from "../support/stack";

const users = [
  { name: "root", access: "admin" },
  { name: "ci", access: "push" },
  { name: "reader", access: "pull" },
  { name: "a-admin", access: "admin", repositories: ["team-a/*"] },
  { name: "a.push", access: "push", repositories: ["team-a/*", "shared/base"] },
  { name: "a-pull", access: "pull", repositories: ["team-a/app"] },
];
type Name = (typeof users)[number]["name"];

const stack = new Stack("rights");
const logins: Record<Name, string> = {};
let direct: Direct;
const secret = randomBytes(1000);
let blob: string;

beforeAll(async () => {
  const ip = await bridgeAddress("unix:///var/run/docker.sock");
  await stack.start({ users, anonymousPullPort: await freePort(ip) });
  for (const { name } of users) logins[name] = await stack.user(name);
  direct = new Direct(await stack.registryAddress());
  for (const repository of ["team-a/app", "team-a/other", "team-ab/app", "shared/base", "team-b/app"])
    ({ blob } = await pushImage(direct, repository, "v1", secret));
});
afterAll(() => stack.remove());

const ask = (who: Name, path: string, options: RequestOptions = {}) =>
  stack.client.request(path, { ...options, user: logins[who] ?? "" });

/** A right, as requests that need it and are harmless or undone. */
const RIGHTS: Record<string, (repository: string) => [method: string, path: string][]> = {
  pull: (name) => [
    ["GET", `/v2/${name}/manifests/v1`],
    ["HEAD", `/v2/${name}/manifests/v1`],
    ["GET", `/v2/${name}/blobs/${blob}`],
    ["HEAD", `/v2/${name}/blobs/${blob}`],
    ["GET", `/v2/${name}/tags/list?n=5`],
    ["GET", `/v2/${name}/referrers/${blob}`],
  ],
  push: (name) => [
    ["PUT", `/v2/${name}/manifests/none`],
    ["POST", `/v2/${name}/blobs/uploads/`],
    ["GET", `/v2/${name}/blobs/uploads/00000000-0000-0000-0000-000000000000`],
    ["HEAD", `/v2/${name}/blobs/uploads/00000000-0000-0000-0000-000000000000`],
    ["PATCH", `/v2/${name}/blobs/uploads/00000000-0000-0000-0000-000000000000`],
    ["PUT", `/v2/${name}/blobs/uploads/00000000-0000-0000-0000-000000000000?digest=${blob}`],
    ["DELETE", `/v2/${name}/blobs/uploads/00000000-0000-0000-0000-000000000000`],
  ],
  delete: (name) => [
    ["DELETE", `/v2/${name}/manifests/none`],
    ["DELETE", `/v2/${name}/blobs/${digestOf("none")}`],
  ],
  catalog: () => [
    ["GET", "/v2/_catalog"],
    ["HEAD", "/v2/_catalog?n=1"],
  ],
};

const everything = ["pull", "push", "delete", "catalog"];
const may: Record<Name, Record<string, string[]>> = {
  root: { "team-a/app": everything, "team-b/app": everything },
  ci: { "team-a/app": ["pull", "push"], "team-b/app": ["pull", "push"] },
  reader: { "team-a/app": ["pull"], "team-b/app": ["pull"] },
  "a-admin": { "team-a/app": ["pull", "push", "delete"], "team-ab/app": [], "team-b/app": [] },
  "a.push": {
    "team-a/app": ["pull", "push"],
    "team-a/other": ["pull", "push"],
    "team-ab/app": [],
    "shared/base": ["pull", "push"],
    "shared/base/below": [],
    "shared/baseline": [],
    "team-a": [],
    "team-b/app": [],
  },
  "a-pull": { "team-a/app": ["pull"], "team-a/app/below": [], "team-a/apps": [], "team-a/other": [] },
};

describe.each(Object.entries(may))("%s", (name, repositories) => {
  it.each(Object.entries(repositories))(
    "in %s may do this, and nothing else: %j",
    async (repository, rights) => {
      for (const [right, requests] of Object.entries(RIGHTS)) {
        for (const [method, path] of requests(repository)) {
          const answer = await ask(name, path, { method });
          const what = `${method} ${path}: ${answer.status} ${answer.text}`;
          if (rights.includes(right)) expect(answer.status, what).not.toBe(403);
          else expectDenied(answer, method, what);
        }
      }
    },
  );

  it("may ask whether the login is good", async () => {
    expect((await ask(name, "/v2/")).status).toBe(200);
  });
});

/** As the API has it, and so that docker does not try again for 51 seconds. */
function expectDenied(answer: Answer, method: string, what: string): void {
  expect(answer.status, what).toBe(403);
  if (method === "HEAD") return;
  const [error] = (answer.json() as { errors: { code: string; message: string; detail: unknown }[] }).errors;
  expect(error).toMatchObject({ code: "DENIED", detail: {} });
  expect(error?.message).not.toMatch(/requested access to the resource is denied/);
  expect(answer.header("content-type")).toEqual(["application/json"]);
}

describe("what the API does not have", () => {
  it.each([
    ["POST", "/v2/team-a/app/manifests/v1", 405],
    ["OPTIONS", "/v2/team-a/app/manifests/v1", 405],
    ["GET", "/v2/team-a/app/blobs/uploads/", 405],
    ["GET", "/v2/team-a/app/nothing", 404],
    ["GET", "/v2/%74eam-b/app/manifests/v1", 404],
    ["GET", "/v2/team-a/app/../../team-b/app/manifests/v1", 404],
    ["GET", "/v2//team-a/app/manifests/v1", 404],
    ["GET", "/v2/Team-a/app/manifests/v1", 404],
    ["GET", "/v2/%5fcatalog", 404],
  ])(
    "%s %s is answered by the gateway, but for an administrator of everything",
    async (method, path, status) => {
      const answer = await ask("a.push", path, { method });
      expect(answer.status).toBe(status);
      expect(answer.json()).toMatchObject({ errors: [{ code: "UNSUPPORTED" }] });
      const before = (await ask("root", path, { method })).status;
      expect(before).toBe((await direct.request(path, { method })).status);
    },
  );
});

describe("a mount of another repository's blob", () => {
  const other = randomBytes(500);
  let there: string;
  beforeAll(async () => {
    there = await pushBlob(direct, "team-b/app", other);
    await pushBlob(direct, "team-a/other", other);
  });

  const owns = async (repository: string) =>
    (await direct.request(`/v2/${repository}/blobs/${there}`, { method: "HEAD" })).status === 200;
  const forget = (repository: string) =>
    direct.request(`/v2/${repository}/blobs/${there}`, { method: "DELETE" });
  const mount = (who: Name, query: string, options: RequestOptions = {}) =>
    ask(who, `/v2/team-a/app/blobs/uploads/?${query}`, { method: "POST", ...options });

  it.each([
    ["root", "team-b%2Fapp"],
    ["ci", "team-b/app"],
    ["a.push", "team-a%2Fother"],
    ["a.push", "team-a/other"],
  ])("works for %s from %s, in either order", async (who, from) => {
    for (const query of [`mount=${there}&from=${from}`, `from=${from}&mount=${there.replace(":", "%3A")}`]) {
      const answer = await mount(who, query);
      expect(answer.status, answer.text).toBe(201);
      expect(await owns("team-a/app")).toBe(true);
      await forget("team-a/app");
    }
  });

  it.each([
    "mount=D&from=team-b%2Fapp",
    "from=team-b/app&mount=D",
    "from=team-a%2Fother&from=team-b%2Fapp&mount=D",
    "mount=D&from=team-b%2Fapp&from=team-a%2Fother",
    "mount=D&fro%6d=team-b%2Fapp",
    "mount=D&from=team-b%2Fapp&From=team-a%2Fother",
    "mount=D&from=%74eam-b%2Fapp",
    "mount=D&from=team-a%2F..%2Fteam-b%2Fapp",
    "mount=D;from=team-b%2Fapp",
    "from=team-b%2Fapp%26&mount=D",
    "from=team-a/other%00&from=team-b/app&mount=D",
    "&mount=D&from=team-b%2Fapp",
  ])("from where one may not pull is an ordinary upload: %s", async (query) => {
    const answer = await mount("a.push", query.replaceAll("D", there));
    expect(answer.status, answer.text).toBe(202);
    expect(await owns("team-a/app")).toBe(false);
  });

  it("by a form in the body is an ordinary upload, too", async () => {
    const form = `mount=${there}&from=team-b%2Fapp`;
    const multipart = ["mount", "from"]
      .map(
        (key) =>
          `--x\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${key === "from" ? "team-b/app" : there}\r\n`,
      )
      .join("");
    for (const [type, body] of [
      ["application/x-www-form-urlencoded", form],
      ["multipart/form-data; boundary=x", `${multipart}--x--\r\n`],
    ] as const) {
      for (const query of ["", `mount=${there}&from=team-a%2Fother`]) {
        await mount("a.push", query, { headers: { "Content-Type": type }, body: Buffer.from(body) });
        if (query === "") expect(await owns("team-a/app"), type).toBe(false);
        await forget("team-a/app");
      }
      // So that this test can fail: the registry itself does read the form.
      await direct.request("/v2/team-a/app/blobs/uploads/", {
        method: "POST",
        headers: { "Content-Type": type, "Content-Length": String(body.length) },
        body: Buffer.from(body),
      });
      expect(await owns("team-a/app"), `direct, ${type}`).toBe(true);
      await forget("team-a/app");
    }
  });
});

describe("the address for pulling without a user", () => {
  const pull = (path: string, options: RequestOptions = {}) => stack.anonymous.request(path, options);

  it("gives what can be pulled, to anybody, whatever they say they are", async () => {
    for (const user of [undefined, "root:wrong", logins["a-pull"]]) {
      const who = user === undefined ? {} : { user };
      expect((await pull("/v2/", who)).status).toBe(200);
      expect(
        (await pull("/v2/team-b/app/manifests/v1", { ...who, headers: { Accept: MANIFEST_TYPE } })).status,
      ).toBe(200);
      expect((await pull(`/v2/team-b/app/blobs/${blob}`, who)).body.equals(secret)).toBe(true);
    }
  });

  it("and nothing else, also to who has all rights at the other one", async () => {
    for (const [right, requests] of Object.entries(RIGHTS)) {
      for (const [method, path] of right === "pull" ? [] : requests("team-b/app")) {
        for (const who of [{}, { user: logins["root"] ?? "" }]) {
          expectDenied(await pull(path, { method, ...who }), method, `${method} ${path}`);
        }
      }
    }
    expect((await pull("/metrics")).status).toBe(404);
    expect((await pull("/v2/%5fcatalog")).status).toBe(404);
    const [error] = (
      (await pull("/v2/x/blobs/uploads/", { method: "POST" })).json() as { errors: { message: string }[] }
    ).errors;
    expect(error?.message).toContain(`log in to ${stack.client.address}`);
  });
});

describe("rights of users", () => {
  it("change with the reload", async () => {
    const path = "/v2/team-b/app/tags/list";
    expect((await ask("a-pull", path)).status).toBe(403);
    await stack.update({
      users: users.map((user) => (user.name === "a-pull" ? { name: "a-pull", access: "pull" } : user)),
    });
    expect((await ask("a-pull", path)).status).toBe(200);
    await stack.update({ users });
    expect((await ask("a-pull", path)).status).toBe(403);
  });

  it("are told to a docker client at once, with the reason", async () => {
    const { ip, port } = stack.client.options;
    const config = stack.sandbox.folder();
    const address = `${ip}:${port}`;
    await trusted(address, stack.chain.root.certificate, async () => {
      const docker = (args: string[], input = "") => run("docker", ["--config", config, ...args], { input });
      const password = (logins["reader"] ?? "").replace(/^reader:/, "");
      const login = await docker(["login", "--username", "reader", "--password-stdin", address], password);
      expect(login.code, login.output).toBe(0);
      const image = `${address}/team-a/mine:${stack.sandbox.name}`;
      await must("docker", ["tag", stack.images.gateway, image]);
      try {
        const pushed = await docker(["push", image]);
        expect(pushed.code).not.toBe(0);
        expect(pushed.output).toMatch(/user reader has no right to do this/);
      } finally {
        await must("docker", ["rmi", image]);
      }
    });
    expect(
      (await stack.logs()).access.filter(({ status, user }) => status === 403 && user === "reader").length,
    ).toBeLessThan(40);
  });
});

/** Lets this machine's dockerd trust a CA for one address, as long as `work` goes on. */
async function trusted(address: string, ca: string, work: () => Promise<void>): Promise<void> {
  const folder = `/etc/docker/certs.d/${address}`;
  await must("sh", ["-c", 'mkdir -p "$1" && cat >"$1/ca.crt"', "sh", folder], { input: ca });
  try {
    await work();
  } finally {
    await must("rm", ["-r", folder]);
  }
}
