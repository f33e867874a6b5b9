// Each measure is taken from all contenders in turn, several rounds, the median counts: what else goes on on the
// machine meets them all.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Contenders, PASSWORD, USER, type Contender } from "./contenders";
import { pull, push, requests } from "./loads";
import { report, type Row } from "./report";

const ROUNDS = Number(process.env["REPEAT"] ?? 3);
const SECONDS = Number(process.env["SECONDS_EACH"] ?? 4);
const SMALL = 400;
const BIG = 256 * 1024 * 1024;
const LAYERS = 40;

const contenders = new Contenders();
const user = `${USER}:${PASSWORD}`;
const authorization = `Basic ${Buffer.from(user).toString("base64")}`;
const asUser = { ca: contenders.ca, user };
const asAnybody = { ca: contenders.ca };
const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const say = (text: string) => process.stderr.write(`${text}\n`);

type Measures = Map<string, number[]>;

/** Medians by name. */
async function rounds(
  measures: Readonly<Record<string, () => number | Promise<number>>>,
  times = ROUNDS,
): Promise<Record<string, number>> {
  const all: Measures = new Map(Object.keys(measures).map((name) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const [name, measure] of Object.entries(measures)) all.get(name)?.push(await measure());
  }
  return Object.fromEntries(
    [...all].map(([name, values]) => [
      name,
      values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN,
    ]),
  );
}

const rows: Row[] = [];
const add = (
  what: string,
  against: string,
  unit: string,
  least: number | undefined,
  ours = NaN,
  theirs = NaN,
) => rows.push({ what, against, unit, least, ours, theirs });

async function main(): Promise<void> {
  say("starting the contenders");
  contenders.start();
  await answering();
  const { small, big, bigFile } = prepare();

  say(`pull of ${BIG >> 20} MiB`);
  const blob = `/v2/team/big/blobs/${big}`;
  const pulls = await rounds(
    {
      gateway: () => pull(contenders.url("gateway") + blob, asUser),
      recipe: () => pull(contenders.url("recipe") + blob, asUser),
      plain: () => pull(`${contenders.url("plain")}/big`, asAnybody),
      registryTls: () => pull(contenders.url("registryTls") + blob, asAnybody),
      ...(contenders.hasCaddy ? { caddy: () => pull(contenders.url("caddy") + blob, asUser) } : {}),
    },
    ROUNDS * 2 + 1,
  );
  const mega = (speed = NaN) => speed / 2 ** 20;
  add(
    "pull 256 MiB, TLS",
    "usual recipe, bcrypt 10",
    "MiB/s",
    1.8,
    mega(pulls["gateway"]),
    mega(pulls["recipe"]),
  );
  add("", "nginx, plain file", "MiB/s", 0.95, mega(pulls["gateway"]), mega(pulls["plain"]));
  add("", "the registry's own TLS", "MiB/s", undefined, mega(pulls["gateway"]), mega(pulls["registryTls"]));
  if (contenders.hasCaddy)
    add("", "Caddy before the registry", "MiB/s", undefined, mega(pulls["gateway"]), mega(pulls["caddy"]));

  say(`push of ${BIG >> 20} MiB`);
  const pushing = (name: Contender, options: typeof asUser | typeof asAnybody) => () =>
    push(contenders.url(name), `push/${name.toLowerCase()}`, bigFile, big, options);
  const pushes = await rounds({
    gateway: pushing("gateway", asUser),
    registryTls: pushing("registryTls", asAnybody),
    recipe: pushing("recipe", asUser),
  });
  add(
    "push 256 MiB, TLS",
    "the registry's own TLS",
    "MiB/s",
    1,
    mega(pushes["gateway"]),
    mega(pushes["registryTls"]),
  );
  add("", "usual recipe, bcrypt 10", "MiB/s", undefined, mega(pushes["gateway"]), mega(pushes["recipe"]));

  say("4 KiB blobs");
  const blobs = small.map((digest) => `/v2/team/small/blobs/${digest}`);
  const files = small.map((digest) => `/${digest.slice(7)}`);
  const load = (url: string, paths: readonly string[], who?: string) => async () =>
    (await requests(contenders.folder, url, paths, who, SECONDS)).perSecond;
  const smalls = await rounds({
    gateway: load(contenders.url("gateway"), blobs, authorization),
    recipe: load(contenders.url("recipe"), blobs, authorization),
    recipeOpen: load(contenders.url("recipeOpen"), blobs),
    plain: load(contenders.url("plain"), files),
    registryUsers: load(contenders.url("registryUsers"), blobs, authorization),
    ...(contenders.hasCaddy ? { caddy: load(contenders.url("caddy"), blobs, authorization) } : {}),
  });
  add(
    "4 KiB blobs, 16 connections, TLS",
    "usual recipe, bcrypt 10",
    "/s",
    200,
    smalls["gateway"],
    smalls["recipe"],
  );
  add("", "usual recipe, no password", "/s", 20, smalls["gateway"], smalls["recipeOpen"]);
  add("", "nginx, plain file", "/s", 0.8, smalls["gateway"], smalls["plain"]);
  add("", "the registry's own TLS and htpasswd", "/s", undefined, smalls["gateway"], smalls["registryUsers"]);
  if (contenders.hasCaddy)
    add("", "Caddy with bcrypt 10", "/s", undefined, smalls["gateway"], smalls["caddy"]);

  say("/v2/ and manifests");
  for (const [what, target] of [
    ["`/v2/`", "/v2/"],
    ["manifests", "/v2/team/layers/manifests/v1"],
  ] as const) {
    const found = await rounds({
      gateway: load(contenders.url("gateway"), [target], authorization),
      anonymous: load(contenders.anonymousUrl, [target]),
      recipe: load(contenders.url("recipe"), [target], authorization),
    });
    add(
      `${what} requests, authenticated`,
      "the same gateway, no user",
      "/s",
      0.8,
      found["gateway"],
      found["anonymous"],
    );
    add("", "usual recipe, bcrypt 10", "/s", undefined, found["gateway"], found["recipe"]);
  }

  say(`docker pull of ${LAYERS} layers`);
  const colds = await rounds({ gateway: () => dockerPull("gateway"), recipe: () => dockerPull("recipe") });
  add(
    `\`docker pull\`, ${LAYERS} layers, cold`,
    "usual recipe, bcrypt 10",
    "pulls/min",
    undefined,
    colds["gateway"],
    colds["recipe"],
  );

  say("reloads");
  const under = requests(contenders.folder, contenders.url("gateway"), blobs, authorization, 12);
  const patience = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await patience(500);
  for (let reload = 0; reload < 20; reload++) {
    contenders.reload();
    await patience(500);
  }
  console.log(report(rows, await under));
}

/** Waits until every contender has the same to say. */
async function answering(): Promise<void> {
  for (const name of [
    "gateway",
    "recipe",
    "recipeOpen",
    "registryTls",
    "registryUsers",
    ...(contenders.hasCaddy ? ["caddy" as const] : []),
  ] as const) {
    const open = name === "recipeOpen" || name === "registryTls";
    for (let tries = 0; ; tries++) {
      try {
        pull(`${contenders.url(name)}/v2/`, open ? asAnybody : asUser);
        break;
      } catch (error) {
        if (tries > 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}

/** Content in the storage, and the same as plain files. */
function prepare(): { small: string[]; big: string; bigFile: string } {
  say("preparing content");
  const base = contenders.url("registryTls");
  const put = (repository: string, content: Buffer, name: string) => {
    const file = path.join(contenders.files, name);
    fs.writeFileSync(file, content);
    push(base, repository, file, digestOf(content), asAnybody);
    return { digest: digestOf(content), file, size: content.length };
  };
  const small = Array.from({ length: SMALL }, () => {
    const content = randomBytes(4096);
    return put("team/small", content, digestOf(content).slice(7)).digest;
  });
  const big = put("team/big", randomBytes(BIG), "big");
  const layers = Array.from({ length: LAYERS }, (_, index) => {
    const tar = execFileSync("tar", [
      "-c",
      "-C",
      contenders.files,
      "--transform",
      `s/^/${index}-/`,
      small[index]?.slice(7) ?? "",
    ]);
    return put("team/layers", tar, `layer-${index}`);
  });
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const descriptor = (mediaType: string, { digest, size }: { digest: string; size: number }) => ({
    mediaType,
    digest,
    size,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: descriptor(
      "application/vnd.docker.container.image.v1+json",
      put("team/layers", config, "config"),
    ),
    layers: layers.map((layer) => descriptor("application/vnd.docker.image.rootfs.diff.tar", layer)),
  };
  const file = path.join(contenders.folder, "manifest");
  fs.writeFileSync(file, JSON.stringify(manifest));
  const target = `${base}/v2/team/layers/manifests/v1`;
  execFileSync("curl", [
    "-sS",
    "--fail",
    "--cacert",
    contenders.ca,
    "-T",
    file,
    "-H",
    `Content-Type: ${manifest.mediaType}`,
    target,
  ]);
  return { small, big: big.digest, bigFile: big.file };
}

/** Pulls a minute: the whole command, from nothing. Docker trusts the address only as long as this takes. */
function dockerPull(name: "gateway" | "recipe"): number {
  const address = `${contenders.ip(name)}:8443`;
  const trust = `/etc/docker/certs.d/${address}`;
  const config = path.join(contenders.folder, "docker-config");
  const image = `${address}/team/layers:v1`;
  fs.mkdirSync(trust, { recursive: true });
  fs.copyFileSync(contenders.ca, `${trust}/ca.crt`);
  try {
    const docker = (...args: string[]) =>
      execFileSync("docker", ["--config", config, ...args], {
        input: PASSWORD,
        stdio: ["pipe", "ignore", "ignore"],
      });
    docker("login", "--username", USER, "--password-stdin", address);
    const began = performance.now();
    docker("pull", "--quiet", image);
    const seconds = (performance.now() - began) / 1000;
    docker("rmi", image);
    return 60 / seconds;
  } finally {
    fs.rmSync(trust, { recursive: true, force: true });
  }
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  .finally(() => contenders.remove());
