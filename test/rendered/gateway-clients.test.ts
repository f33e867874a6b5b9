import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuildKit } from "../support/buildkit";
import { digestOf } from "../support/content";
import { must, run, type Result } from "../support/run";
import { Stack } from "../support/stack";

/** Real clients, each pulling, and pushing where it can, as users with different rights. */
const stack = new Stack("clients");
const users = [
  { name: "pusher", access: "push", repositories: ["team/*"] },
  { name: "reader", access: "pull", repositories: ["team/*"] },
];
const CONTAINERD = ["/run/containerd/containerd.sock", "/var/run/docker/containerd/containerd.sock"].find(
  (path) => existsSync(path),
);
let address: string;
/** An image as an OCI layout, and its manifest's digest. */
let layout: string;
let digest: string;
const logins: Record<string, string> = {};

const have = (program: string) =>
  ["/usr/bin", "/usr/local/bin", "/bin"].some((folder) => existsSync(`${folder}/${program}`));

beforeAll(async () => {
  await stack.start({ users });
  for (const { name } of users) logins[name] = await stack.user(name);
  const { ip, port, ca } = stack.client.options;
  address = `${ip}:${port}`;
  // For skopeo, podman and docker: --cert-dir, or the folder of that name.
  mkdirSync(certificates(), { recursive: true });
  writeFileSync(`${certificates()}/ca.crt`, ca);
  layout = stack.sandbox.folder();
  digest = makeLayout(layout);
});
afterAll(() => stack.remove());

let certificateFolder: string | undefined;
const certificates = () => (certificateFolder ??= `${stack.sandbox.folder()}/certs`);

/** Credentials as every client but ctr reads them, so that none is in a command line. */
function authFile(user: string): string {
  const file = `${stack.sandbox.folder()}/config.json`;
  const auth = Buffer.from(logins[user] ?? "").toString("base64");
  writeFileSync(file, JSON.stringify({ auths: { [address]: { auth } } }), { mode: 0o600 });
  return file;
}

/** An image of one layer of random bytes; resolves with the digest of its manifest. */
function makeLayout(folder: string): string {
  const store = (content: Buffer) => {
    mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
    writeFileSync(`${folder}/blobs/${digestOf(content).replace(":", "/")}`, content);
    return { digest: digestOf(content), size: content.length };
  };
  writeFileSync(`${folder}/content`, randomBytes(300_000));
  const tar = execFileSync("tar", ["-c", "-C", folder, "content"]);
  // Compressed, or clients would do that, and the digest would be another.
  const layer = store(gzipSync(tar));
  const config = store(
    Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
      }),
    ),
  );
  const type = (kind: string) => `application/vnd.oci.image.${kind}`;
  const manifest = store(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: type("manifest.v1+json"),
        config: { mediaType: type("config.v1+json"), ...config },
        layers: [{ mediaType: type("layer.v1.tar+gzip"), ...layer }],
      }),
    ),
  );
  writeFileSync(`${folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    `${folder}/index.json`,
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: type("manifest.v1+json"), ...manifest }] }),
  );
  return manifest.digest;
}

/** Blobs pulled since `from`, by the way they came. */
async function pulledBlobs(repository: string): Promise<string[]> {
  const { access } = await stack.logs();
  return access
    .filter(
      ({ method, path, status }) =>
        method === "GET" && status === 200 && String(path).includes(`${repository}/blobs/`),
    )
    .map(({ way }) => String(way));
}

const expectDone = ({ code, output }: Result) => expect(code, output).toBe(0);

describe("skopeo", () => {
  const skopeo = (user: string, ...args: string[]) =>
    run("skopeo", ["--insecure-policy", "copy", "--authfile", authFile(user), ...args]);

  it.skipIf(!have("skopeo"))("pushes, pulls the same, and is told when it may not", async () => {
    const image = `docker://${address}/team/skopeo:1`;
    expectDone(await skopeo("pusher", "--dest-cert-dir", certificates(), `oci:${layout}`, image));
    const back = stack.sandbox.folder();
    expectDone(await skopeo("reader", "--src-cert-dir", certificates(), image, `oci:${back}`));
    const index = JSON.parse(readFileSync(`${back}/index.json`, "utf8")) as {
      manifests: { digest: string }[];
    };
    expect(index.manifests.map((manifest) => manifest.digest)).toEqual([digest]);
    await expect.poll(() => pulledBlobs("team/skopeo"), { timeout: 5000 }).toEqual(["disk", "disk"]);

    const other = `docker://${address}/team/skopeo:2`;
    const refused = await skopeo("reader", "--dest-cert-dir", certificates(), `oci:${layout}`, other);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/user reader has no right to do this|denied/i);
  });

  it.skipIf(!have("skopeo"))(
    "mounts layers from where it may pull instead of sending them again",
    async () => {
      const from = `docker://${address}/team/skopeo:1`;
      const to = `docker://${address}/team/mounted:1`;
      const certs = ["--src-cert-dir", certificates(), "--dest-cert-dir", certificates()];
      expectDone(await skopeo("pusher", ...certs, from, to));
      const mounted = async () =>
        (await stack.logs()).access
          .filter(({ repository, method }) => repository === "team/mounted" && method === "POST")
          .map(({ status }) => status);
      await expect.poll(mounted, { timeout: 5000 }).toContain(201);
    },
  );
});

describe("podman", () => {
  const storage = () => {
    const root = stack.sandbox.folder();
    return ["--root", `${root}/root`, "--runroot", `${root}/run`, "--storage-driver", "vfs"];
  };
  const podman = (at: string[], user: string, verb: string, ...args: string[]) =>
    run("podman", [...at, verb, "--cert-dir", certificates(), "--authfile", authFile(user), ...args]);

  it.skipIf(!have("podman"))("pulls what skopeo pushed, pushes, and is told when it may not", async () => {
    const image = `${address}/team/skopeo:1`;
    const at = storage();
    expectDone(await podman(at, "reader", "pull", "--quiet", image));
    const id = ["image", "inspect", "--format", "{{.Digest}} {{.Id}}"];
    const pulled = await must("podman", [...at, ...id, image]);
    expect(pulled).toContain(digest);

    const pushed = `${address}/team/podman:1`;
    expectDone(await podman(at, "pusher", "push", "--quiet", image, pushed));
    const elsewhere = storage();
    expectDone(await podman(elsewhere, "reader", "pull", "--quiet", pushed));
    expect((await must("podman", [...elsewhere, ...id, pushed])).split(" ")[1]).toBe(pulled.split(" ")[1]);

    for (const refused of [
      await podman(at, "reader", "pull", "--quiet", `${address}/other/app:1`),
      await podman(at, "reader", "push", "--quiet", image, `${address}/team/podman:2`),
    ]) {
      expect(refused.code).not.toBe(0);
      expect(refused.output).toMatch(/has no right|denied/i);
    }
  });
});

const buildKit = await BuildKit.get();

describe.skipIf("missing" in buildKit)(`BuildKit ${"missing" in buildKit ? buildKit.missing : ""}`, () => {
  let daemon: BuildKit;
  beforeAll(async () => {
    if ("missing" in buildKit) return;
    daemon = await BuildKit.start(buildKit, stack.sandbox.folder(), address, `${certificates()}/ca.crt`);
  });
  afterAll(() => daemon.stop());
  /** Builds on one image and pushes another. */
  const build = (user: string, from: string, to: string) =>
    daemon.build(
      `FROM ${address}/${from}\nCOPY Dockerfile /${randomBytes(8).toString("hex")}\n`,
      `${address}/${to}`,
      dirname(authFile(user)),
    );

  it.skipIf(!have("skopeo"))("builds on what skopeo pushed, and pushes what it built", async () => {
    const before = (await pulledBlobs("team/skopeo")).length;
    expectDone(await build("pusher", "team/skopeo:1", "team/buildkit:1"));
    const pulled = () => pulledBlobs("team/skopeo");
    await expect.poll(async () => (await pulled()).length, { timeout: 5000 }).toBeGreaterThan(before);
    expect(new Set(await pulled())).toEqual(new Set(["disk"]));
    const tags = await stack.client.request("/v2/team/buildkit/tags/list", {
      user: logins["reader"] ?? "",
    });
    expect(tags.text).toContain('"tags":["1"]');
  });

  it.skipIf(!have("skopeo"))("is told when it may not", async () => {
    for (const refused of [
      await build("reader", "other/app:1", "team/buildkit:3"),
      await build("reader", "team/skopeo:1", "team/buildkit:3"),
    ]) {
      expect(refused.code).not.toBe(0);
      expect(refused.output).toMatch(/403 Forbidden|has no right|denied/i);
    }
  });
});

describe("containerd", () => {
  it.skipIf(!have("ctr") || CONTAINERD === undefined)("pulls what skopeo pushed", async () => {
    const hosts = `${stack.sandbox.folder()}/${address}`;
    mkdirSync(hosts);
    writeFileSync(`${hosts}/ca.crt`, stack.client.options.ca);
    writeFileSync(
      `${hosts}/hosts.toml`,
      `server = "https://${address}"\n[host."https://${address}"]\n  ca = "${hosts}/ca.crt"\n`,
    );
    const namespace = ["--address", CONTAINERD ?? "", "--namespace", stack.sandbox.name];
    const image = `${address}/team/skopeo:1`;
    try {
      const fetch = [
        "content",
        "fetch",
        "--hosts-dir",
        hosts.replace(/\/[^/]*$/, ""),
        "--user",
        logins["reader"] ?? "",
        image,
      ];
      expectDone(await run("ctr", [...namespace, ...fetch]));
      expect(await must("ctr", [...namespace, "images", "list"])).toContain(digest);
    } finally {
      await run("ctr", [...namespace, "images", "rm", "--sync", image]);
      await run("ctr", ["--address", CONTAINERD ?? "", "namespaces", "rm", stack.sandbox.name]);
    }
  });
});
