import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import type { Answer, RequestOptions } from "../support/client";
import { digestOf, manifestOf, MANIFEST_TYPE, pushBlob, pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { must, until } from "../support/run";
import { freePort } from "../support/sandbox";
import { Stack } from "../support/stack";

const stack = new Stack("blobs");
const users = [
  { name: "root", access: "admin" },
  { name: "a-pull", access: "pull", repositories: ["team-a/*"] },
];
const content = randomBytes(100_000);
let root: string;
let limited: string;
let direct: Direct;
let blob: string;

beforeAll(async () => {
  const ip = await bridgeAddress("unix:///var/run/docker.sock");
  await stack.start({ users, anonymousPullPort: await freePort(ip) });
  [root, limited] = [await stack.user("root"), await stack.user("a-pull")];
  direct = new Direct(await stack.registryAddress());
  ({ blob } = await pushImage(direct, "team-a/app", "v1", content));
});
afterAll(() => stack.remove());

const ask = (path: string, options: RequestOptions = {}, user = root) =>
  stack.ask(path, { ...options, user });

const dataFile = (digest: string) => {
  const hex = digest.replace("sha256:", "");
  return `${stack.data}/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
};
const linkFile = (repository: string, digest: string) =>
  `${stack.data}/docker/registry/v2/repositories/${repository}/_layers/sha256/${digest.replace("sha256:", "")}/link`;

describe("a blob that the repository owns", () => {
  it("comes from disk, and the log says so, with user, repository, bytes and time", async () => {
    const { answer, way, line } = await ask(`/v2/team-a/app/blobs/${blob}`, {}, limited);
    expect(answer.body.equals(content)).toBe(true);
    expect(way).toBe("disk");
    expect(line).not.toHaveProperty("why");
    expect(line).toMatchObject({ user: "a-pull", repository: "team-a/app", status: 200 });
    expect(line?.["sent"]).toBeGreaterThan(content.length);
    expect(line?.["seconds"]).toBeTypeOf("number");
  });

  it("comes from disk at the second address, too", async () => {
    const answer = await stack.anonymous.request(`/v2/team-a/app/blobs/${blob}`, {
      headers: { "User-Agent": "second address" },
    });
    expect(answer.body.equals(content)).toBe(true);
    await until("it is logged", async () =>
      (await stack.logs()).access.some(
        ({ agent, way, user }) => agent === "second address" && way === "disk" && user === "",
      ),
    );
  });

  it("is there with the registry itself gone", async () => {
    await must("docker", ["pause", stack.registry]);
    try {
      expect((await ask(`/v2/team-a/app/blobs/${blob}`)).answer.body.equals(content)).toBe(true);
    } finally {
      await must("docker", ["unpause", stack.registry]);
    }
  });
});

/** What there is to compare in an answer: everything but the time and the server's own mark. */
const HEADERS = [
  ...[
    "accept-ranges",
    "cache-control",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "location",
  ],
  ...["docker-content-digest", "docker-distribution-api-version", "last-modified", "transfer-encoding"],
  ...["x-content-type-options", "content-encoding", "vary", "allow", "expires"],
];
const comparable = (answer: Answer) => {
  const { status, body } = answer;
  // What separates several ranges is random.
  const boundary = /boundary=(\w+)/.exec(answer.header("content-type").join())?.[1] ?? "none";
  const plain = (text: string) => text.replaceAll(boundary, "");
  return {
    status,
    headers: Object.fromEntries(HEADERS.map((name) => [name, answer.header(name).map(plain)])),
    body: plain(body.toString("latin1")),
  };
};

describe("an answer from disk is the registry's own, header by header:", () => {
  const etag = () => `"${blob}"`;
  const cases: [string, () => Record<string, string>, way: "disk" | "registry"][] = [
    ["plain", () => ({}), "disk"],
    ["the first bytes", () => ({ Range: "bytes=0-99" }), "disk"],
    ["one byte", () => ({ Range: "bytes=5-5" }), "disk"],
    ["from some byte on", () => ({ Range: "bytes=99000-" }), "disk"],
    ["from the last byte on", () => ({ Range: "bytes=99999-" }), "disk"],
    ["a range past the end", () => ({ Range: "bytes=99990-100500" }), "disk"],
    ["the last bytes", () => ({ Range: "bytes=-100" }), "disk"],
    ["the last bytes, and more", () => ({ Range: "bytes=-100001" }), "disk"],
    ["the last bytes, all", () => ({ Range: "bytes=-100000" }), "disk"],
    ["the last bytes, none", () => ({ Range: "bytes=-0" }), "registry"],
    ["two ranges", () => ({ Range: "bytes=0-1,5-6" }), "registry"],
    ["a range in other words", () => ({ Range: "lines=1-2" }), "registry"],
    ["no range at all", () => ({ Range: "bytes=" }), "registry"],
    ["a range too large to count", () => ({ Range: "bytes=0-99999999999999999999999" }), "registry"],
    ["If-None-Match of this", () => ({ "If-None-Match": etag() }), "registry"],
    ["If-None-Match of another", () => ({ "If-None-Match": '"x"' }), "registry"],
    ["If-None-Match of any", () => ({ "If-None-Match": "*" }), "registry"],
    ["If-Match of this", () => ({ "If-Match": etag() }), "registry"],
    ["If-Modified-Since", () => ({ "If-Modified-Since": new Date().toUTCString() }), "registry"],
    ["If-Unmodified-Since", () => ({ "If-Unmodified-Since": new Date(0).toUTCString() }), "registry"],
    ["If-Range of this", () => ({ "If-Range": etag(), Range: "bytes=0-9" }), "registry"],
    ["If-Range of another", () => ({ "If-Range": '"x"', Range: "bytes=0-9" }), "registry"],
    ["a client that takes gzip", () => ({ "Accept-Encoding": "gzip, br" }), "disk"],
    ["a client that takes manifests only", () => ({ Accept: MANIFEST_TYPE }), "disk"],
  ];
  it.each(cases)("%s", async (_, headers, expected) => {
    for (const method of ["GET", "HEAD"]) {
      const path = `/v2/team-a/app/blobs/${blob}`;
      const { answer, way } = await ask(path, { method, headers: headers() });
      const own = await direct.request(path, { method, headers: headers() });
      expect(comparable(answer), method).toEqual(comparable(own));
      // nginx counts a HEAD's range no more than the registry does.
      if (method === "GET") expect(way).toBe(expected);
    }
  });

  it.each(["bytes=100000-", "bytes=9-5"])(
    "a range there is none of (%s), but for headers that do not matter",
    async (range) => {
      const path = `/v2/team-a/app/blobs/${blob}`;
      const { answer } = await ask(path, { headers: { Range: range } });
      const own = await direct.request(path, { headers: { Range: range } });
      for (const name of ["content-type", "docker-content-digest", "x-content-type-options"])
        expect([answer.status, ...answer.header(name)], name).toEqual([own.status, ...own.header(name)]);
    },
  );

  it("If-Match of another: cut, as the registry does", async () => {
    const options = { headers: { "If-Match": '"x"' } };
    const path = `/v2/team-a/app/blobs/${blob}`;
    await expect(direct.request(path, options)).rejects.toThrow("aborted");
    await expect(stack.client.request(path, { ...options, user: root })).rejects.toThrow("aborted");
  });

  it("an empty blob", async () => {
    const empty = await pushBlob(direct, "team-a/app", Buffer.of());
    for (const headers of [{}, ...["0-9", "0-", "-5"].map((range) => ({ Range: `bytes=${range}` }))]) {
      const { answer } = await ask(`/v2/team-a/app/blobs/${empty}`, { headers });
      const own = await direct.request(`/v2/team-a/app/blobs/${empty}`, { headers });
      expect(comparable(answer)).toEqual(comparable(own));
    }
  });

  it.each(["POST", "PUT", "PATCH", "OPTIONS", "DELETE"])(
    "%s of a blob is the registry's business",
    async (method) => {
      const path = `/v2/team-a/none/blobs/${blob}`;
      const { answer, way } = await ask(path, { method });
      const own = await direct.request(path, { method });
      expect(comparable(answer)).toEqual(comparable(own));
      expect(way).toBe("registry");
    },
  );
});

describe("what is not, or no longer, the repository's", () => {
  const compared = async (path: string) => {
    const { answer, way, why } = await ask(path);
    const own = await direct.request(path);
    expect(comparable(answer)).toEqual(comparable(own));
    return { status: answer.status, way, why };
  };

  it("is what the registry says: a blob of another repository", async () => {
    const found = await compared(`/v2/team-b/app/blobs/${blob}`);
    expect(found).toEqual({ status: 404, way: "registry", why: "no link to it" });
  });

  it("is what the registry says: a blob with a query", async () => {
    const other = await pushBlob(direct, "team-a/app", randomBytes(100));
    const found = await compared(`/v2/team-a/app/blobs/${blob}?x=/${other}`);
    expect(found).toEqual({ status: 200, way: "registry", why: "query or other digest" });
  });

  it("is gone when the API has deleted it, in both ways, though its folder stays", async () => {
    const gone = await pushBlob(direct, "team-a/app", randomBytes(100));
    expect((await ask(`/v2/team-a/app/blobs/${gone}`)).way).toBe("disk");
    expect((await ask(`/v2/team-a/app/blobs/${gone}`, { method: "DELETE" })).answer.status).toBe(202);
    expect((await compared(`/v2/team-a/app/blobs/${gone}`)).status).toBe(404);
    expect(fs.existsSync(dataFile(gone))).toBe(true);
    expect(fs.existsSync(linkFile("team-a/app", gone).replace(/\/link$/, ""))).toBe(true);
  });

  it("is left to the registry when its data is missing or cannot be read", async () => {
    const lost = await pushBlob(direct, "team-a/app", randomBytes(100));
    fs.chmodSync(dataFile(lost), 0o600);
    expect(await compared(`/v2/team-a/app/blobs/${lost}`)).toEqual({
      status: 200,
      way: "registry",
      why: "storage cannot be read",
    });
    fs.rmSync(dataFile(lost));
    // The registry remembers its size, and then has nothing to send.
    await expect(direct.request(`/v2/team-a/app/blobs/${lost}`)).rejects.toThrow("aborted");
    await expect(stack.client.request(`/v2/team-a/app/blobs/${lost}`, { user: root })).rejects.toThrow(
      "aborted",
    );
  });

  it("is whole for whoever is downloading it while it is collected, and gone for the next", async () => {
    const layer = randomBytes(20_000_000);
    const { blob: big, manifest } = await pushImage(direct, "team-a/gone", "v1", layer);
    const response = await stack.client.open(`/v2/team-a/gone/blobs/${big}`, { user: root });
    for (const path of [`manifests/${manifest}`, `blobs/${big}`])
      expect((await direct.request(`/v2/team-a/gone/${path}`, { method: "DELETE" })).status).toBe(202);
    const config = await must("docker", ["inspect", "--format", "{{index .Config.Cmd 1}}", stack.registry]);
    await must("docker", ["exec", stack.registry, "/bin/registry", "garbage-collect", config]);
    expect(fs.existsSync(dataFile(big))).toBe(false);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(digestOf(Buffer.concat(chunks))).toBe(big);
    expect((await ask(`/v2/team-a/gone/blobs/${big}`)).answer.status).toBe(404);
  });
});

describe("without the right to pull", () => {
  it("no blob is sent, whether it is there or not, from disk or not", async () => {
    const secret = await pushBlob(direct, "team-b/secret", randomBytes(1000));
    for (const digest of [secret, digestOf("not there")]) {
      const { answer, way } = await ask(`/v2/team-b/secret/blobs/${digest}`, {}, limited);
      expect([answer.status, way]).toEqual([403, "gateway"]);
    }
    const nobody = await stack.client.request(`/v2/team-b/secret/blobs/${secret}`);
    expect(nobody.status).toBe(401);
  });

  it("no blob of another's is had by naming it in one's own repository", async () => {
    const secret = await pushBlob(direct, "team-b/secret", randomBytes(1000));
    expect((await ask(`/v2/team-a/app/blobs/${secret}`, {}, limited)).answer.status).toBe(404);
    const manifest = manifestOf(secret, 1000);
    const put = await ask("/v2/team-a/app/manifests/x", { method: "PUT", body: manifest }, limited);
    expect(put.answer.status).toBe(403);
  });
});
