import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RequestOptions } from "../support/client";
import { digestOf, manifestOf, MANIFEST_TYPE, pushImage } from "../support/content";
import { Direct } from "../support/direct";
import { Stack } from "../support/stack";

/** Whether others have something must not be told by the answer to who may not see it. */
const stack = new Stack("oracle");
const users = [
  { name: "push", access: "push", repositories: ["team-a/*"] },
  { name: "pull", access: "pull", repositories: ["team-a/app"] },
  { name: "admin", access: "admin", repositories: ["team-a/*"] },
];
let secret: { blob: string; manifest: string };
let upload: string;
const logins: Record<string, string> = {};

beforeAll(async () => {
  await stack.start({ users });
  for (const { name } of users) logins[name] = await stack.user(name);
  const direct = new Direct(await stack.registryAddress());
  await pushImage(direct, "team-a/app", "v1", Buffer.from("ours"));
  secret = await pushImage(direct, "team-b/app", "v1", randomBytes(1000));
  const begun = await direct.request("/v2/team-b/app/blobs/uploads/", { method: "POST" });
  upload = new URL(begun.header("location")[0] ?? "").pathname.split("/").at(-1) ?? "";
});
afterAll(() => stack.remove());

/** All there is to an answer, but for its time and what is random in it, and for the words that were asked with. */
async function told(user: string, path: string, words: readonly string[], options: RequestOptions) {
  const { status, text, rawHeaders } = await full(user, path, options);
  const plain = (given: string) =>
    words
      .reduce(
        (rest, word) => rest.replaceAll(word, "WORD").replaceAll(encodeURIComponent(word), "WORD"),
        given,
      )
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UUID")
      .replace(/_state=[^&"]*/, "_state=");
  const headers = rawHeaders.filter(([name]) => name !== "date").map(([name, value]) => [name, plain(value)]);
  return { status, headers, text: plain(text) };
}

async function full(user: string, path: string, options: RequestOptions) {
  const response = await stack.client.open(path, { ...options, user: logins[user] ?? "" });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { rawHeaders } = response;
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const] : [],
  );
  return { status: response.statusCode, text: Buffer.concat(chunks).toString(), rawHeaders: pairs };
}

/** Of the same length as what is there. */
const none = { name: "team-z/nop", upload: "00000000-0000-4000-8000-000000000000", digest: digestOf("none") };
const METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];

describe.each(users.map(({ name }) => name))(
  "%s is told the same of what others have and of what nobody has:",
  (user) => {
    const same = async (there: string, gone: string, words: string[], options: RequestOptions) => {
      const one = await told(user, there, words, options);
      expect(one, `${options.method ?? "GET"} ${there}`).toEqual(await told(user, gone, words, options));
      return one.status ?? 0;
    };

    it("repositories", async () => {
      const of = (name: string) => [
        ...[`/v2/${name}/tags/list`, `/v2/${name}/manifests/v1`, `/v2/${name}/manifests/${secret.manifest}`],
        ...[`/v2/${name}/blobs/${secret.blob}`, `/v2/${name}/referrers/${secret.manifest}`],
        ...[`/v2/${name}/blobs/uploads/`, `/v2/${name}/blobs/uploads/${upload}`],
      ];
      const [there, gone] = [of("team-b/app"), of(none.name)];
      const statuses = new Set<number>();
      for (const [index, path] of there.entries())
        for (const method of METHODS)
          statuses.add(await same(path, gone[index] ?? "", ["team-b/app", none.name], { method }));
      expect([...statuses].sort()).toEqual([403, 405]);
    });

    it("blobs, manifests and uploads, asked for in one's own repository", async () => {
      const of = (digest: string, id: string) => [
        ...[`/v2/team-a/app/blobs/${digest}`, `/v2/team-a/app/manifests/${digest}`],
        ...[`/v2/team-a/app/referrers/${digest}`, `/v2/team-a/app/blobs/uploads/${id}`],
      ];
      for (const digest of [secret.blob, secret.manifest]) {
        const [there, gone] = [of(digest, upload), of(none.digest, none.upload)];
        for (const [index, path] of there.entries())
          for (const method of METHODS)
            await same(path, gone[index] ?? "", [digest, upload, none.digest, none.upload], { method });
      }
    });

    it("blobs, mounted or named in a manifest", async () => {
      for (const from of ["team-b/app", "team-b%2Fapp", "team-a%2Fapp"]) {
        const query = (digest: string) => `/v2/team-a/app/blobs/uploads/?mount=${digest}&from=${from}`;
        await same(query(secret.blob), query(none.digest), [secret.blob, none.digest], { method: "POST" });
      }
      const put = (digest: string) =>
        told(user, "/v2/team-a/app/manifests/x", [digest], {
          method: "PUT",
          headers: { "Content-Type": MANIFEST_TYPE },
          body: manifestOf(digest, 1000),
        });
      const answer = await put(secret.blob);
      expect(answer).toEqual(await put(none.digest));
      expect(answer.status).toBe(user === "pull" ? 403 : 400);
    });
  },
);
