import { createHash } from "node:crypto";
import type { Answer, RequestOptions } from "./client";

/** What can be asked for content: a client of the gateway, or of the registry itself. */
export interface Asked {
  request(path: string, options?: RequestOptions): Promise<Answer>;
}

export const digestOf = (content: Buffer | string) =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** Pushes a blob in two requests; resolves with its digest. */
export async function pushBlob(
  to: Asked,
  repository: string,
  content: Buffer,
  user?: string,
): Promise<string> {
  const who = user === undefined ? {} : { user };
  const begun = await to.request(`/v2/${repository}/blobs/uploads/`, { method: "POST", ...who });
  if (begun.status !== 202) throw new Error(`POST to ${repository}: ${begun.status} ${begun.text}`);
  const location = new URL(begun.header("location")[0] ?? "", "https://here");
  const digest = digestOf(content);
  const target = `${location.pathname}${location.search}&digest=${digest}`;
  const done = await to.request(target, { method: "PUT", body: content, ...who });
  if (done.status !== 201) throw new Error(`PUT to ${repository}: ${done.status} ${done.text}`);
  return digest;
}

/** A manifest of one layer that has been pushed; the config is the layer itself. */
export function manifestOf(digest: string, size: number): Buffer {
  const descriptor = { mediaType: "application/octet-stream", digest, size };
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config: descriptor, layers: [descriptor] }),
  );
}

/** Pushes an image of one layer with this content and tag; resolves with the digests. */
export async function pushImage(
  to: Asked,
  repository: string,
  tag: string,
  content: Buffer,
  user?: string,
): Promise<{ blob: string; manifest: string }> {
  const blob = await pushBlob(to, repository, content, user);
  const manifest = manifestOf(blob, content.length);
  const put = await to.request(`/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    body: manifest,
    headers: { "Content-Type": MANIFEST_TYPE },
    ...(user === undefined ? {} : { user }),
  });
  if (put.status !== 201) throw new Error(`PUT of ${repository}:${tag}: ${put.status} ${put.text}`);
  return { blob, manifest: digestOf(manifest) };
}
