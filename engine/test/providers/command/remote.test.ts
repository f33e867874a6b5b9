import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/command";
import type { OperationContext, ResourceType } from "../../../src/providers/provider";
import { isUnknown, revealAll, type PropertyMap } from "../../../src/values/value";
import { freePort, hasSshd, keygen, startSshd, type Sshd } from "./sshd";

const { resources } = provider.configure({});
const command = resources["command:remote:Command"] as ResourceType;
const urn = "urn:pulumi:dev::test::command:remote:Command::it";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-remote-"));

function context(over: Partial<OperationContext> = {}): OperationContext & { readonly lines: string[] } {
  const lines: string[] = [];
  return { signal: new AbortController().signal, log: (_severity, line) => lines.push(line), lines, ...over };
}

async function create(inputs: PropertyMap, over = context()): Promise<PropertyMap> {
  return (await command.create({ ...over, urn, inputs, preview: false })).outputs;
}

async function failures(connection: PropertyMap): Promise<string[]> {
  const answer = await command.check({ urn, news: { create: "true", connection } });
  return answer.failures.map(({ property, reason }) => `${property} ${reason}`);
}

describe("remote.Command's inputs", () => {
  it("are all checked at once, those of the connection and of the bastion too", async () => {
    expect(
      await failures({ hots: "a", hostKey: "nonsense", port: "22", proxy: { host: "b", hostkey: "x" } }),
    ).toEqual([
      expect.stringMatching(/^connection\.hots is not an input .* did you mean host\?/),
      "connection.port takes a number",
      "connection.host is missing",
      expect.stringMatching(/^connection\.hostKey takes a line as ssh-keyscan prints it/),
      expect.stringMatching(/^connection\.proxy\.hostkey is not an input .* did you mean hostKey\?/),
    ]);
    const { failures: missing } = await command.check({ urn, news: { create: "true", dir: "/" } });
    expect(missing.map(({ property }) => property)).toEqual(["dir", "connection"]);
  });

  it("tell a key that cannot be used without a word of it, before any attempt", async () => {
    const connection = {
      host: "127.0.0.1",
      port: 1,
      privateKey: "-----BEGIN PRIVATE KEY-----\nsecretsecret\n",
    };
    await expect(create({ create: "true", connection })).rejects.toThrow(
      /^connection: privateKey cannot be used: it cannot be read as PKCS #8$/,
    );
    const encrypted = path.join(folder, "encrypted");
    keygen("ed25519", encrypted, "-N", "passphrase");
    const locked = { ...connection, privateKey: fs.readFileSync(encrypted, "utf8") };
    await expect(create({ create: "true", connection: locked })).rejects.toThrow(
      /privateKey cannot be used: .*pass/,
    );
  });

  it("are outputs in a preview, and no one is called", async () => {
    const inputs = { create: "true", connection: { host: "nowhere.invalid" } };
    const { outputs } = await command.create({ ...context(), urn, inputs, preview: true });
    expect(revealAll(outputs)).toMatchObject(inputs);
    expect(isUnknown(outputs["stdout"] ?? null)).toBe(true);
  });

  it("tell differences by path and replace for triggers alone", async () => {
    const oldInputs = { create: "a", connection: { host: "h", port: 22 }, triggers: [1] };
    const news = { create: "a", connection: { host: "g", port: 22 }, triggers: [2] };
    const diff = await command.diff({
      urn,
      id: "it",
      oldInputs,
      oldOutputs: oldInputs,
      news,
      ignoreChanges: [],
    });
    expect(diff.detailedDiff).toEqual({
      "connection.host": { kind: "update", inputDiff: false },
      "triggers[0]": { kind: "update-replace", inputDiff: false },
    });
  });
});

describe.skipIf(!hasSshd())("remote.Command on a real sshd (skipped where there is none)", () => {
  let host: Sshd;
  let connection: PropertyMap;
  beforeAll(async () => {
    host = await startSshd();
    connection = {
      host: "127.0.0.1",
      port: host.port,
      user: host.user,
      privateKey: host.privateKey,
      hostKey: host.hostKey,
    };
  });
  afterAll(() => {
    host.stop();
    fs.rmSync(folder, { recursive: true });
  });

  it("runs create with stdin and keeps what it printed", async () => {
    const inputs = { connection, create: 'cat; echo " is $(id -un)"; echo oops >&2', stdin: "this" };
    const over = context();
    const { id, outputs } = await command.create({ ...over, urn, inputs, preview: false });
    expect(id).toMatch(/^it[0-9a-f]{8}$/);
    expect(revealAll(outputs)).toEqual({ ...inputs, stdout: `this is ${host.user}`, stderr: "oops" });
    expect(over.lines.sort()).toEqual(["oops", `this is ${host.user}`]);
  });

  it("logs nothing where it was asked not to", async () => {
    const over = context();
    await create({ connection, create: "echo secret", logging: "none" }, over);
    expect(over.lines).toEqual([]);
  });

  it("carries large input and output whole", async () => {
    const stdin = "0123456789abcde\n".repeat(400_000);
    const { stdout } = await create({ connection, create: "cat", stdin, logging: "none" });
    expect(stdout).toBe(stdin.slice(0, -1));
  });

  it("sets the variables the host accepts, and runs nothing without one it refuses", async () => {
    const accepted = { connection, create: "echo $ACCEPTED_ONE", environment: { ACCEPTED_ONE: "it's 1" } };
    expect((await create(accepted))["stdout"]).toBe("it's 1");
    const file = path.join(folder, "ran");
    const refused = { connection, create: `touch ${file}`, environment: { ACCEPTED_ONE: "1", OTHER: "2" } };
    await expect(create(refused)).rejects.toThrow(/^could not set environment variable "OTHER"/);
    expect(fs.existsSync(file)).toBe(false);
  });

  it("runs update and delete, and only warns where what was printed before is refused", async () => {
    const over = context();
    const inputs = { connection, create: "exit 1", update: "echo updated" };
    const old = { stdout: "before", stderr: "" };
    const request = { ...over, urn, id: "it", inputs, oldInputs: {}, oldOutputs: old, preview: false };
    expect((await command.update(request))["stdout"]).toBe("updated");
    expect(over.lines.join()).toMatch(/Unable to set 'PULUMI_COMMAND_STDOUT'/);
    const file = path.join(folder, "deleted");
    const outputs = { connection, delete: `touch ${file}`, ...old };
    await command.delete({ ...context(), urn, id: "it", inputs: {}, outputs });
    expect(fs.existsSync(file)).toBe(true);
  });

  it("fails in the plugin's words", async () => {
    await expect(create({ connection, create: "echo a; exit 3" })).rejects.toThrow(
      /^Process exited with status 3: running "echo a; exit 3":\na\n$/,
    );
    await expect(create({ connection, create: "kill -TERM $$" })).rejects.toThrow(
      /^Process exited with status 143 from signal TERM: /,
    );
  });

  it("refuses another host key at once", async () => {
    const other = path.join(folder, "other");
    keygen("ed25519", other);
    const wrong = { ...connection, hostKey: fs.readFileSync(`${other}.pub`, "utf8") };
    const over = context();
    await expect(create({ connection: wrong, create: "true" }, over)).rejects.toThrow(
      /the host key is not the one of connection\.hostKey$/,
    );
    expect(over.lines).toEqual([]);
  });

  it.each(["rsa", "ecdsa"] as const)("knows %s keys of hosts and users", async (type) => {
    const other = await startSshd(type);
    try {
      const { port, privateKey, hostKey } = other;
      const keys = { ...connection, port, privateKey, hostKey };
      expect((await create({ connection: keys, create: "echo in" }))["stdout"]).toBe("in");
    } finally {
      other.stop();
    }
  });

  it("logs in with the key of an agent", async () => {
    const socket = path.join(folder, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      while (!fs.existsSync(socket)) await sleep(20);
      execFileSync("ssh-add", ["-q", host.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      const { port, user, hostKey } = host;
      const viaAgent = { host: "127.0.0.1", port, user, hostKey, agentSocketPath: socket };
      expect((await create({ connection: viaAgent, create: "echo in" }))["stdout"]).toBe("in");
    } finally {
      agent.kill();
    }
  });

  it("goes through a bastion, whose key is checked too", async () => {
    const bastion = await startSshd();
    try {
      const { port, privateKey, hostKey, user } = bastion;
      const proxy = { host: "127.0.0.1", port, user, privateKey, hostKey };
      expect((await create({ connection: { ...connection, proxy }, create: "echo in" }))["stdout"]).toBe(
        "in",
      );
      expect(bastion.log()).toContain("Accepted publickey");
      const wrong = { ...connection, proxy: { ...proxy, hostKey: host.hostKey } };
      await expect(create({ connection: wrong, create: "true" })).rejects.toThrow(/^proxy: SSH .* host key/);
    } finally {
      bastion.stop();
    }
  });

  it("tries again until dialErrorLimit attempts have failed", async () => {
    const port = await freePort();
    const limited = { ...connection, port, dialErrorLimit: 2 };
    const over = context();
    await expect(create({ connection: limited, create: "true" }, over)).rejects.toThrow(
      /^after 3 failed attempts: SSH .*ECONNREFUSED/,
    );
    expect(over.lines.map((line) => line.slice(0, "Dial 1/2 failed: retrying".length))).toEqual([
      "Dial 1/2 failed: retrying",
      "Dial 2/2 failed: retrying",
    ]);
  });

  it("reaches a host that comes up late", async () => {
    const port = await freePort();
    let late: Server | undefined;
    setTimeout(() => {
      late = createServer((socket) => {
        const onwards = connect(host.port, "127.0.0.1");
        socket.on("error", () => undefined).pipe(onwards);
        onwards.on("error", () => undefined).pipe(socket);
      }).listen(port, "127.0.0.1");
    }, 300);
    expect((await create({ connection: { ...connection, port }, create: "echo in" }))["stdout"]).toBe("in");
    late?.close();
  });

  describe("a deadline", () => {
    let silent: Server;
    beforeAll(async () => {
      silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => {
      silent.close();
    });

    it("ends an attempt at a host that accepts and says nothing", async () => {
      const { port } = silent.address() as AddressInfo;
      const slow = { ...connection, port, perDialTimeout: 1, dialErrorLimit: 0 };
      await expect(create({ connection: slow, create: "true" })).rejects.toThrow(
        /after 1 failed attempts: .*Timed out/,
      );
    });

    it("of the run ends a login under way, and the wait between two", async () => {
      const { port } = silent.address() as AddressInfo;
      for (const unreachable of [
        { ...connection, port },
        { ...connection, port: await freePort(), dialErrorLimit: -1 },
      ]) {
        const over = context({ signal: AbortSignal.timeout(500), timeout: 0.5 });
        await expect(create({ connection: unreachable, create: "true" }, over)).rejects.toThrow();
      }
    });

    it("is kept while a command runs, and says that only the host knows its end", async () => {
      const began = Date.now();
      const over = context({ signal: AbortSignal.timeout(500), timeout: 0.5 });
      await expect(create({ connection, create: "echo begun; sleep 60" }, over)).rejects.toThrow(
        /^timed out after 0\.5 s; on the host it may go on: running .*:\nbegun\n$/,
      );
      expect(Date.now() - began).toBeLessThan(20_000);
    });
  });
});
