// The gateway and another are measured right after each other, several times; the median of the ratios counts: what
// else goes on on the machine meets both.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Contenders, PASSWORD, USER, type Contender } from "./contenders";
import { pull, push, requests, type CurlOptions } from "./loads";
import { underReloads } from "./reloads";
import { report, type Pair, type Row } from "./report";

const ROUNDS = Number(process.env["REPEAT"] ?? 3);
const SECONDS = Number(process.env["SECONDS_EACH"] ?? 4);
/** Rows to run, by a pattern of their names; all: the empty one. */
const ONLY = new RegExp(process.env["ROWS"] ?? "");
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

type Measure = () => number | Promise<number>;

interface Other {
  readonly against: string;
  readonly measure: Measure;
  /** The least ratio that is asked for. */
  readonly least?: number;
}

const rows: Row[] = [];

/** Measures the gateway and each of the others in turn, pair by pair. */
async function compare(
  what: string,
  unit: string,
  ours: Measure,
  others: readonly (Other | undefined)[],
  times = ROUNDS,
): Promise<void> {
  if (!ONLY.test(what)) return;
  say(what);
  const present = others.filter((other) => other !== undefined);
  const pairs = present.map((): Pair[] => []);
  for (let round = 0; round < times; round++) {
    for (const [index, { measure }] of present.entries())
      pairs[index]?.push({ ours: await ours(), theirs: await measure() });
  }
  for (const [index, { against, least }] of present.entries())
    rows.push({ what: index === 0 ? what : "", against, unit, least, pairs: pairs[index] ?? [] });
}

async function main(): Promise<void> {
  say("starting the contenders");
  contenders.start();
  await answering();
  const { small, big, bigFile } = prepare();
  const caddy = (other: Other) => (contenders.hasCaddy ? other : undefined);
  const url = (name: Contender) => contenders.url(name);

  const blob = `/v2/team/big/blobs/${big}`;
  const pulling = (from: string, who: CurlOptions) => () => pull(from, who) / 2 ** 20;
  await compare(
    "pull 256 MiB, TLS",
    "MiB/s",
    pulling(url("gateway") + blob, asUser),
    [
      { against: "usual recipe, bcrypt 10", least: 1.8, measure: pulling(url("recipe") + blob, asUser) },
      { against: "nginx, plain file", least: 0.95, measure: pulling(`${url("plain")}/big`, asAnybody) },
      { against: "the registry's own TLS", measure: pulling(url("registryTls") + blob, asAnybody) },
      caddy({ against: "Caddy before the registry", measure: pulling(url("caddy") + blob, asUser) }),
    ],
    ROUNDS * 2 + 1,
  );

  const pushing = (name: Contender, who: CurlOptions) => () =>
    push(url(name), `push/${name.toLowerCase()}`, bigFile, big, who) / 2 ** 20;
  await compare("push 256 MiB, TLS", "MiB/s", pushing("gateway", asUser), [
    { against: "the registry's own TLS", least: 1, measure: pushing("registryTls", asAnybody) },
    { against: "usual recipe, bcrypt 10", measure: pushing("recipe", asUser) },
  ]);

  const blobs = small.map((digest) => `/v2/team/small/blobs/${digest}`);
  const files = small.map((digest) => `/${digest.slice(7)}`);
  const load = (to: string, paths: readonly string[], who?: string) => async () => {
    const done = await requests(contenders.folder, to, paths, who, SECONDS);
    // Refusals are quicker than anything else.
    if (done.errors > 0 || done.requests === 0)
      throw new Error(`${to}${paths[0] ?? ""}: ${done.errors} of ${done.requests} requests failed`);
    return done.perSecond;
  };
  await compare("4 KiB blobs, 16 connections, TLS", "/s", load(url("gateway"), blobs, authorization), [
    {
      against: "usual recipe, bcrypt 10",
      least: 200,
      measure: load(url("recipe"), blobs, authorization),
    },
    { against: "usual recipe, no password", least: 20, measure: load(url("recipeOpen"), blobs) },
    { against: "nginx, plain file", least: 0.8, measure: load(contenders.untunedUrl, files) },
    { against: "the same, tuned like the gateway", measure: load(url("plain"), files) },
    {
      against: "the registry's own TLS and htpasswd",
      measure: load(url("registryUsers"), blobs, authorization),
    },
    caddy({ against: "Caddy, bcrypt 10", measure: load(url("caddy"), blobs, authorization) }),
  ]);

  for (const [what, target] of [
    ["`/v2/`, authenticated", "/v2/"],
    ["manifests, authenticated", "/v2/team/layers/manifests/v1"],
  ] as const) {
    await compare(what, "/s", load(url("gateway"), [target], authorization), [
      { against: "the same gateway, no user", least: 0.8, measure: load(contenders.anonymousUrl, [target]) },
      { against: "usual recipe, bcrypt 10", measure: load(url("recipe"), [target], authorization) },
    ]);
  }

  await compare(`\`docker pull\`, ${LAYERS} layers, cold`, "pulls/min", () => dockerPull("gateway"), [
    { against: "usual recipe, bcrypt 10", measure: () => dockerPull("recipe") },
  ]);

  const reloads = ONLY.test("reloads")
    ? await underReloads(contenders, blobs[0] ?? "", big, bigFile)
    : undefined;
  console.log(report(rows, reloads));
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
