import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Folder, ROOT, all, have, run } from "../unit/scripts/run";
import { Containers, docker, environment, noDocker, provide } from "./containers";

vi.setConfig({ testTimeout: 60_000 });

const withoutDocker = await noDocker();
const folder = new Folder();
const containers = new Containers();
afterAll(async () => {
  await containers.dispose();
  folder.dispose();
});

/** Builds an archive in a cache of its own, without Docker; the environment is the whole of it. */
function build(
  image: string,
  cache: string,
  wrapper: readonly string[] = [],
  recipes = join(ROOT, "images"),
) {
  const [command, ...args] = [...wrapper, join(recipes, "build.sh")];
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    IMAGE: image,
    ARCH: "amd64",
    CACHE: cache,
    OUT: join(cache, "out.tar"),
  };
  return run(command, args, { env });
}

function emptyCache(name: string): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  return path;
}

describe.skipIf(!have("apt-get"))("a build", () => {
  test("gives the same bytes twice, from nothing", { timeout: 120_000 }, async () => {
    const caches = [emptyCache("one"), emptyCache("two")];
    for (const cache of caches) expect((await build("gateway", cache)).code).toBe(0);
    const [one, two] = caches.map((cache) => readFileSync(join(cache, "out.tar")));
    expect(one?.length).toBeGreaterThan(5_000_000);
    expect(one?.equals(two ?? Buffer.of())).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "needs no rights, and the user who built it does not matter",
    { timeout: 120_000 },
    async () => {
      const cache = emptyCache("nobody");
      const recipes = join(folder.path, "recipes");
      cpSync(join(ROOT, "images"), recipes, { recursive: true });
      execFileSync("chown", ["-R", "65534:65534", cache]);
      chmodSync(folder.path, 0o755);
      const result = await build(
        "gateway",
        cache,
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
        recipes,
      );
      expect(result.code, all(result)).toBe(0);
      const mine = emptyCache("mine");
      await build("gateway", mine);
      expect(readFileSync(join(cache, "out.tar")).equals(readFileSync(join(mine, "out.tar")))).toBe(true);
    },
  );

  test("that is stopped in the middle leaves nothing half made", { timeout: 120_000 }, async () => {
    const cache = emptyCache("stopped");
    const env = {
      PATH: process.env.PATH,
      IMAGE: "gateway",
      ARCH: "amd64",
      CACHE: cache,
      OUT: join(cache, "out.tar"),
    };
    const child = spawn(join(ROOT, "images/build.sh"), [], { env, stdio: "ignore", detached: true });
    const ended = new Promise((done) => child.on("close", done));
    await expect
      .poll(
        () =>
          readdirSync(cache, { recursive: true, encoding: "utf8" }).some((name) => name.endsWith("/debs")),
        { timeout: 20_000 },
      )
      .toBe(true);
    // The whole group, as Ctrl-C in a terminal does.
    process.kill(-(child.pid ?? 0), "SIGTERM");
    await ended;
    expect(existsSync(join(cache, "out.tar"))).toBe(false);
    expect(readdirSync(cache)).toEqual([]);
  });

  test("for an engine of an unknown architecture says which there are", async () => {
    const env = { ...environment("gateway"), ARCH: "mips", CACHE: folder.path, OUT: "x" };
    const result = await run("images/build.sh", [], { env });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("architecture mips; there is one for: amd64, arm64");
  });
});

describe.skipIf(withoutDocker !== undefined)("the gateway's image", () => {
  let id: string;
  beforeAll(async () => {
    id = await provide("gateway");
  }, 300_000);

  test("is small, labelled, and found again", async () => {
    const size = Number(await docker("image", "inspect", "--format", "{{.Size}}", id));
    expect(size).toBeLessThan(20e6);
    const found = await run("images/find.sh", [], { env: environment("gateway") });
    expect(found.stdout).toBe(`${id}\n`);
  });

  test("serves files over TLS to users, as an unprivileged user on a read-only root", async () => {
    const files = new Folder();
    chmodSync(files.path, 0o755);
    const key = files.file("key.pem", "", 0o644);
    const cert = join(files.path, "cert.pem");
    const names = ["-subj", "/CN=registry.test", "-addext", "subjectAltName=DNS:registry.test"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...names, "-keyout", key, "-out", cert],
      {
        stdio: "ignore",
      },
    );
    chmodSync(key, 0o644);
    // "secret", salted SHA-1: the kind of hash that the gateway's users have.
    files.file("htpasswd", "ann:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0\n");
    const conf = `pid /tmp/nginx.pid; error_log stderr; events {}
      http { include /etc/nginx/mime.types; access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p;
        fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s; gzip on;
        server { listen 8443 ssl; ssl_certificate /c/cert.pem; ssl_certificate_key /c/key.pem;
          location / { auth_basic r; auth_basic_user_file /c/htpasswd; root /c; } } }`;
    files.file("nginx.conf", conf);
    files.file("page.txt", "served\n");
    const options = [
      "--user=33:33",
      "--read-only",
      "--tmpfs=/tmp",
      "--cap-drop=ALL",
      "--publish=127.0.0.1::8443",
      `--volume=${files.path}:/c:ro`,
    ];
    const name = await containers.start(options, id, ["nginx", "-g", "daemon off;", "-c", "/c/nginx.conf"]);
    const port = await containers.port(name, 8443);
    const get = (user: string) =>
      run(
        "curl",
        [
          "-sS",
          "--cacert",
          cert,
          "--resolve",
          `registry.test:${String(port)}:127.0.0.1`,
          "-K",
          "-",
          "-w",
          "%{http_code}",
          `https://registry.test:${String(port)}/page.txt`,
        ],
        { input: `user = "${user}"\n` },
      );
    await expect.poll(async () => (await get("ann:secret")).stdout, { timeout: 10_000 }).toBe("served\n200");
    expect((await get("ann:wrong")).stdout).toMatch(/401$/);
    expect((await run("docker", ["logs", name])).stderr).not.toMatch(/emerg|alert/);
    files.dispose();
  });

  test("has a working program behind every link", async () => {
    const script =
      'for link in /bin/*; do busybox --list | grep -qxF -- "${link##*/}" || echo "${link##*/}"; done';
    expect(await docker("run", "--rm", id, "sh", "-c", script)).toBe("");
    expect(await docker("run", "--rm", "--user=33:33", id, "id")).toContain(
      "uid=33(www-data) gid=33(www-data)",
    );
  });
});

describe.skipIf(withoutDocker !== undefined)("the registry's image", () => {
  let id: string;
  beforeAll(async () => {
    id = await provide("registry");
  }, 600_000);

  test("is small and says its version", async () => {
    expect(Number(await docker("image", "inspect", "--format", "{{.Size}}", id))).toBeLessThan(65e6);
    expect(await docker("run", "--rm", "--entrypoint=/bin/registry", id, "--version")).toMatch(
      /distribution.* v3\.\d+\.\d+/,
    );
  });

  test("answers /v2/ without root, and its busybox can check its health", async () => {
    const files = new Folder();
    chmodSync(files.path, 0o755);
    const config = {
      version: "0.1",
      storage: { filesystem: { rootdirectory: "/tmp/data" } },
      http: { addr: ":5000", debug: { addr: "127.0.0.1:5001" } },
    };
    files.file("config.yml", JSON.stringify(config));
    const options = [
      "--user=1000:1000",
      "--read-only",
      "--tmpfs=/tmp",
      "--cap-drop=ALL",
      "--publish=127.0.0.1::5000",
      `--volume=${files.path}:/c:ro`,
      "--entrypoint=/bin/registry",
    ];
    const name = await containers.start(options, id, ["serve", "/c/config.yml"]);
    const port = await containers.port(name, 5000);
    await expect
      .poll(async () => (await run("curl", ["-s", `http://127.0.0.1:${String(port)}/v2/`])).stdout, {
        timeout: 10_000,
      })
      .toBe("{}");
    const check = [
      "exec",
      name,
      "/bin/busybox",
      "wget",
      "-q",
      "-O",
      "/dev/null",
      "http://127.0.0.1:5001/debug/health",
    ];
    expect(all(await run("docker", check))).toBe("(exit code 0)");
    files.dispose();
  });

  test("trusts public authorities: mirrors need them", async () => {
    const bundle = await docker(
      "run",
      "--rm",
      "--entrypoint=/bin/busybox",
      id,
      "grep",
      "-c",
      "BEGIN CERTIFICATE",
      "/etc/ssl/certs/ca-certificates.crt",
    );
    expect(Number(bundle)).toBeGreaterThan(100);
  });
});
