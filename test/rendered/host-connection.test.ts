import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { must } from "../support/run";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("debian");

/** What is asked of a host within a minute goes through one connection, and through none that somebody else made. */
describe.skipIf(why !== undefined)(`the connection to a host ${why ?? ""}`, () => {
  const hosts = new TestHosts();
  let [target, host, way]: [TrustTarget, TestHost, Way] = [] as never;
  /** Where sockets are, of this test's own. */
  let runtime: string;

  beforeAll(async () => {
    [host, target] = await Promise.all([hosts.start("debian"), TrustTarget.start()]);
  });
  beforeEach(async () => {
    runtime = fs.mkdtempSync("/tmp/regtest-ssh-");
    way = await Way.to(host.address);
  });
  afterEach(() => {
    way.close();
    fs.rmSync(runtime, { recursive: true, force: true });
  });
  afterAll(async () => {
    target.close();
    await hosts.remove();
  });

  const ask = (verb: "probe" | "install" | "remove", extra = {}) =>
    onHost(host, verb, {
      target,
      key: hosts.key,
      extra: { address: "127.0.0.1", port: way.port, ...extra },
      env: { XDG_RUNTIME_DIR: runtime },
    });
  const sockets = () => path.join(runtime, `private-registry-ssh-${process.getuid?.()}`);

  it("is shared by questions and changes, and by nobody else", async () => {
    expect((await ask("probe")).answer.failed).toBeUndefined();
    expect((await ask("install")).answer["proof"]).toContain("answered 401");
    expect((await ask("probe")).answer["generation"]).toBe("g1");
    expect((await ask("remove")).code).toBe(0);
    expect(way.connections).toBe(1);
    expect(fs.statSync(sockets()).mode & 0o777).toBe(0o700);
  });

  it("is no way in for another key, account or host key", async () => {
    expect((await ask("probe")).answer.failed).toBeUndefined();
    const [stranger] = hosts.keyPair("stranger");
    const [, hostKey] = hosts.keyPair("another");
    expect((await ask("probe", { privateKey: stranger })).answer.failed).toMatch(/^authentication: /);
    expect((await ask("probe", { hostKey: hostKey.trim() })).answer.failed).toMatch(/^host key mismatch: /);
    expect((await ask("probe", { user: "nosudo" })).answer.failed).toMatch(/^sudo: /);
    expect(way.connections).toBe(4);
  });

  it("is made anew when it has broken", async () => {
    expect((await ask("probe")).answer.failed).toBeUndefined();
    way.cut();
    expect((await ask("install")).answer["proof"]).toContain("answered 401");
    expect((await ask("remove")).code).toBe(0);
    expect(way.connections).toBe(2);
  });

  it.each([
    ["other people can enter", "mkdir -m 755 $FOLDER"],
    ["is another user's", "mkdir -m 700 $FOLDER && chown 65534 $FOLDER"],
    ["is a link", "mkdir -m 700 $FOLDER.x && ln -s $FOLDER.x $FOLDER"],
    ["cannot be made", "touch $FOLDER"],
  ])("is not shared through a folder that %s", async (_what, prepare) => {
    await must("sh", ["-c", prepare], { env: { FOLDER: sockets() } });
    for (let count = 1; count <= 2; count++) {
      expect((await ask("probe")).answer.failed).toBeUndefined();
      expect(way.connections).toBe(count);
    }
  });
});

/** A way to a host's sshd that counts connections, and can break them. */
class Way {
  connections = 0;
  private readonly open = new Set<net.Socket>();
  private readonly server: net.Server;

  private constructor(address: string) {
    this.server = net.createServer((from) => {
      this.connections++;
      const to = net.connect(22, address);
      from.pipe(to).pipe(from);
      for (const socket of [from, to]) {
        this.open.add(socket);
        socket.on("error", () => undefined).once("close", () => [from, to].forEach((end) => end.destroy()));
      }
    });
  }

  static async to(address: string): Promise<Way> {
    const way = new Way(address);
    way.server.listen(0, "127.0.0.1");
    await once(way.server, "listening");
    return way;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.open) socket.destroy();
    this.open.clear();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
