import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hashSync } from "bcryptjs";
import { renderHtpasswd, renderVerifiers, saltedSha1, verifierOf } from "../../components/gateway/htpasswd";
import { gatewayLayout } from "../../components/gateway/layout";
import { renderMetrics } from "../../components/gateway/metrics";
import { renderNginxConf } from "../../components/gateway/nginx-conf";
import { renderAccess, renderChosen, renderRepositories } from "../../components/gateway/rights";
import { renderRegistryConfig } from "../../components/registry/config";
import { issue } from "../../test/support/certificates";
import { caddyfile, plainFiles, recipe, tlsRegistryConfig } from "./configs";

/** Who takes part, and at which address on the benchmark's network. */
export const CONTENDERS = {
  registry: 10,
  gateway: 11,
  recipe: 12,
  recipeOpen: 13,
  plain: 14,
  registryTls: 15,
  registryUsers: 16,
  caddy: 17,
} as const;
export type Contender = keyof typeof CONTENDERS;

export const USER = "ci";
export const PASSWORD = randomBytes(24).toString("base64url");

const docker = (...args: string[]) =>
  execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** Containers of every contender before one and the same storage, on a network of their own. */
export class Contenders {
  readonly name = `regbench-${randomBytes(4).toString("hex")}`;
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), `${this.name}-`));
  readonly data = path.join(this.folder, "data");
  /** Plain files, served as they are. */
  readonly files = path.join(this.folder, "files");
  readonly ca = path.join(this.folder, "ca.crt");
  private readonly subnet = `10.${(100 + randomBytes(1).readUInt8() / 2) | 0}.${randomBytes(1).readUInt8()}`;
  private readonly images = {
    registry: this.image("registry"),
    gateway: this.image("gateway"),
  };

  /** Present only where Debian's package can be had. */
  hasCaddy = false;

  start(): void {
    for (const folder of [this.data, this.files]) fs.mkdirSync(folder);
    fs.chmodSync(this.folder, 0o755);
    docker("network", "create", "--subnet", `${this.subnet}.0/24`, this.name);
    const authority = issue({ commonName: "Benchmark CA", ca: true });
    const names = Object.keys(CONTENDERS).map((name) => this.ip(name as Contender));
    const server = issue({ commonName: "bench", issuer: authority, names: [...names, "bench.test"] });
    fs.writeFileSync(this.ca, authority.certificate);
    const tls = { "server.crt": server.certificate, "server.key": server.key };
    // The cost that htpasswd and its like are told to use: not our own.
    const slow = hashSync(PASSWORD, 10);
    const users = renderHtpasswd([{ name: USER, hash: slow }]);

    this.run(
      "registry",
      "registry",
      { "config.yml": renderRegistryConfig({ httpSecret: "5e".repeat(32) }) },
      ["/bin/registry", "serve", "/config/config.yml"],
    );
    this.run(
      "gateway",
      "gateway",
      { ...this.gatewayFiles(), ...tls },
      nginx(gatewayLayout.files + "/current"),
      gatewayLayout.files + "/current",
    );
    this.run(
      "recipe",
      "gateway",
      { "nginx.conf": recipe(this.ip("registry"), true), "users.htpasswd": users, ...tls },
      nginx("/config"),
    );
    this.run(
      "recipeOpen",
      "gateway",
      { "nginx.conf": recipe(this.ip("registry"), false), ...tls },
      nginx("/config"),
    );
    this.run("plain", "gateway", { "nginx.conf": plainFiles(), ...tls }, nginx("/config"));
    this.run("registryTls", "registry", { "config.yml": tlsRegistryConfig(false), ...tls }, [
      "/bin/registry",
      "serve",
      "/config/config.yml",
    ]);
    this.run(
      "registryUsers",
      "registry",
      { "config.yml": tlsRegistryConfig(true), "users.htpasswd": users, ...tls },
      ["/bin/registry", "serve", "/config/config.yml"],
    );
    const caddy = this.caddyProgram();
    if (caddy !== undefined) {
      this.hasCaddy = true;
      this.run(
        "caddy",
        "gateway",
        { Caddyfile: caddyfile(this.ip("registry"), USER, slow), ...caddy, ...tls },
        ["/config/caddy", "run", "--config", "/config/Caddyfile", "--adapter", "caddyfile"],
      );
    }
  }

  ip(contender: Contender): string {
    return `${this.subnet}.${CONTENDERS[contender]}`;
  }

  url(contender: Contender): string {
    return `https://${this.ip(contender)}:8443`;
  }

  /** The gateway's own second address: the same gateway without authentication. */
  get anonymousUrl(): string {
    return `https://${this.ip("gateway")}:${gatewayLayout.anonymousPort}`;
  }

  /** Plain files by an nginx that nobody has tuned. */
  get untunedUrl(): string {
    return `https://${this.ip("plain")}:8444`;
  }

  reload(): void {
    docker("kill", "--signal", "HUP", `${this.name}-gateway`);
  }

  remove(): void {
    const ids = docker("ps", "--all", "--quiet", "--filter", `name=${this.name}`).split("\n").filter(Boolean);
    if (ids.length > 0) docker("rm", "--force", "--volumes", ...ids);
    docker("network", "rm", this.name);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private gatewayFiles(): Record<string, string> {
    const users = [{ name: USER, access: "admin" as const }];
    const hashes = [
      {
        name: USER,
        hash: saltedSha1(PASSWORD, randomBytes(16).toString("base64")),
        verifier: verifierOf(USER, PASSWORD),
      },
    ];
    // Docker's DNS knows the name only on its own network: here it is an address.
    const registry = this.ip("registry");
    return {
      [gatewayLayout.configFile]: renderNginxConf({
        hostname: "bench.test",
        port: 8443,
        anonymous: true,
        chosen: false,
        upstream: `${registry}:5000`,
        metrics: `${registry}:5001`,
      }),
      [gatewayLayout.usersFile]: renderHtpasswd(hashes),
      [gatewayLayout.verifiersFile]: renderVerifiers(hashes),
      [gatewayLayout.accessFile]: renderAccess(users),
      [gatewayLayout.repositoriesFile]: renderRepositories(users),
      [gatewayLayout.chosenFile]: renderChosen(users),
      [gatewayLayout.metricsFile]: renderMetrics(),
    };
  }

  private run(
    contender: Contender,
    image: "registry" | "gateway",
    files: Readonly<Record<string, string | Buffer>>,
    [entrypoint = "", ...command]: readonly string[],
    at = "/config",
  ): void {
    const folder = path.join(this.folder, contender);
    fs.mkdirSync(folder);
    for (const [name, content] of Object.entries(files))
      fs.writeFileSync(path.join(folder, name), content, { mode: 0o755 });
    const user = image === "gateway" ? gatewayLayout.owner : "0:0";
    docker(
      ...["run", "--detach", "--name", `${this.name}-${contender}`, "--user", user, "--read-only"],
      ...[
        "--network",
        this.name,
        "--ip",
        this.ip(contender),
        "--cap-drop",
        "ALL",
        "--log-opt",
        "max-size=10m",
      ],
      ...[
        "--tmpfs",
        `${gatewayLayout.run}:uid=33,gid=33,mode=0700`,
        "--tmpfs",
        "/tmp:mode=1777",
        "--stop-signal",
        "SIGQUIT",
      ],
      ...["--volume", `${folder}:${at}:ro`, "--volume", `${this.files}:/srv/plain:ro`],
      // What the usual recipe spools goes to a disk, as it does where nobody thinks of it.
      ...["--volume", "/var/cache/nginx", "--env", "XDG_DATA_HOME=/tmp", "--env", "XDG_CONFIG_HOME=/tmp"],
      ...["--env", "LD_LIBRARY_PATH=/config"],
      ...(contender === "gateway"
        ? Object.entries(gatewayLayout.sysctls).flatMap(([name, value]) => ["--sysctl", `${name}=${value}`])
        : []),
      ...[
        "--volume",
        `${this.data}:${image === "registry" ? "/var/lib/registry" : `${gatewayLayout.storage}:ro`}`,
      ],
      ...["--env", "OTEL_TRACES_EXPORTER=none", "--entrypoint", entrypoint, this.images[image], ...command],
    );
  }

  private image(name: string): string {
    const env = { ...process.env, IMAGE: name, MODE: "auto" };
    return execFileSync("images/provide.sh", {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "inherit"],
    }).trim();
  }

  /** Debian's Caddy and the one library of its that the gateway's image lacks. */
  private caddyProgram(): Record<string, Buffer> | undefined {
    const folder = path.join(this.folder, "caddy-package");
    fs.mkdirSync(folder);
    try {
      const quiet = { cwd: folder, stdio: "ignore" as const };
      execFileSync(
        "apt-get",
        ["-q", "-o", "APT::Sandbox::User=root", "download", "caddy", "libzstd1"],
        quiet,
      );
      execFileSync("sh", ["-c", "for deb in *.deb; do dpkg-deb --extract $deb .; done"], quiet);
      const [library = ""] = execFileSync("find", [folder, "-name", "libzstd.so.1"], {
        encoding: "utf8",
      }).split("\n");
      return {
        caddy: fs.readFileSync(path.join(folder, "usr/bin/caddy")),
        "libzstd.so.1": fs.readFileSync(library),
      };
    } catch {
      return undefined;
    }
  }
}

const nginx = (folder: string) => [
  "nginx",
  "-e",
  "stderr",
  "-c",
  `${folder}/nginx.conf`,
  "-g",
  "daemon off;",
];
