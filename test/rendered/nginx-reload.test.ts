import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issue } from "../support/certificates";
import { encode } from "../support/volume-files";
import { files } from "../support/files";
import { resolved } from "../support/program";
import { must, run, until } from "../support/run";
import { HOSTNAME, Stack } from "../support/stack";

const stack = new Stack("reload");
const users = [{ name: "ci", access: "push" }];
let ci: string;
let container: string;

/** Which container it is, and since when it runs. */
const identity = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", stack.gateway]);

beforeAll(async () => {
  await stack.start({ users });
  ci = await user("ci");
  container = await identity();
});
afterAll(() => stack.remove());

async function user(name: string): Promise<string> {
  const { outputs } = await stack.declare();
  const passwords = (await resolved(outputs["credentials"])).value as Record<string, string>;
  return `${name}:${passwords[name] ?? ""}`;
}

const status = async (who: string) => (await stack.client.request("/v2/", { user: who })).status;

async function upload(repository: string, content: Buffer | PassThrough, digest: string): Promise<number> {
  const place = (location: string[]) => (location[0] ?? "").slice(`https://${stack.client.address}`.length);
  const begun = await stack.client.request(`/v2/${repository}/blobs/uploads/`, { method: "POST", user: ci });
  const patched = await stack.client.request(place(begun.header("location")), {
    method: "PATCH",
    user: ci,
    body: content,
  });
  const done = `${place(patched.header("location"))}&digest=${digest}`;
  return (await stack.client.request(done, { method: "PUT", user: ci })).status;
}

const sha256 = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

async function shownCertificate(): Promise<string> {
  const { ip, port, ca } = stack.client.options;
  const socket = tls.connect({ host: ip, port, servername: HOSTNAME, ca });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).fingerprint256;
}

describe("a change of users", () => {
  it("counts when the reload is done: new ones come in, removed ones do not, nobody restarts", async () => {
    await stack.update({ users: [...users, { name: "late", access: "pull" }] });
    const late = await user("late");
    expect([await status(ci), await status(late)]).toEqual([200, 200]);
    await stack.update({ users });
    expect([await status(ci), await status(late)]).toEqual([200, 401]);
    expect(await identity()).toBe(container);
  });
});

describe("a change of the certificate", () => {
  it("is shown when the reload is done, to connections that are new", async () => {
    const fresh = issue({ commonName: "Renewed", issuer: stack.chain.intermediate, names: [HOSTNAME] });
    const chain = fresh.certificate + stack.chain.intermediate.certificate + stack.chain.root.certificate;
    expect(await shownCertificate()).toBe(new X509Certificate(stack.chain.server.certificate).fingerprint256);
    await stack.update({ certificate: { chain, key: fresh.key } });
    expect(await shownCertificate()).toBe(new X509Certificate(fresh.certificate).fingerprint256);
    expect(await identity()).toBe(container);
  });
});

describe("transfers that are running during a reload are not cut:", () => {
  it("a slow download", async () => {
    const layer = randomBytes(30_000_000);
    expect(await upload("team/slow", layer, sha256(layer))).toBe(201);
    const response = await stack.client.open(`/v2/team/slow/blobs/${sha256(layer)}`, { user: ci });
    const hash = createHash("sha256");
    const first = response.read() as Buffer | null;
    if (first !== null) hash.update(first);
    // Nobody reads now: the rest waits on the other side.
    await stack.update({ users: [...users, { name: "during-download", access: "pull" }] });
    expect(await status(await user("during-download"))).toBe(200);
    for await (const chunk of response) hash.update(chunk as Buffer);
    expect(response.complete).toBe(true);
    expect(`sha256:${hash.digest("hex")}`).toBe(sha256(layer));
  });

  it("a slow upload", async () => {
    const layer = randomBytes(4_000_000);
    const body = new PassThrough();
    const done = upload("team/slow-up", body, sha256(layer));
    body.write(layer.subarray(0, 2_000_000));
    await sleep(300);
    await stack.update({ users: [...users, { name: "during-upload", access: "pull" }] });
    expect(await status(await user("during-upload"))).toBe(200);
    body.end(layer.subarray(2_000_000));
    expect(await done).toBe(201);
  });

  it("16 pushes at once, through six reloads", async () => {
    const pushes = Array.from({ length: 16 }, (_, index) => {
      const [first, rest] = [randomBytes(1_000_000), randomBytes(1_000_000)];
      const body = new PassThrough();
      body.write(first);
      const done = upload(`team/push-${index}`, body, sha256(Buffer.concat([first, rest])));
      // Judged when all are finished.
      done.catch(() => undefined);
      return { body, rest, done };
    });
    await sleep(500);
    for (let reload = 0; reload < 6; reload++) {
      await stack.update({ users: [...users, { name: `during-pushes-${reload}`, access: "pull" }] });
      for (const { body, rest } of pushes)
        body.write(rest.subarray(reload * 100_000, (reload + 1) * 100_000));
    }
    for (const { body, rest } of pushes) body.end(rest.subarray(600_000));
    expect(await Promise.all(pushes.map(({ done }) => done))).toEqual(Array(16).fill(201));
    expect(await identity()).toBe(container);
  });

  it("and requests one after the other, none of which fails", async () => {
    const work = { going: true };
    const seen = new Map<number | string, number>();
    const asking = (async () => {
      while (work.going) {
        const answer = await status(ci).catch((error: unknown) => String(error));
        seen.set(answer, (seen.get(answer) ?? 0) + 1);
      }
    })();
    for (const name of ["one", "two", "three"])
      await stack.update({ users: [...users, { name, access: "pull" }] });
    work.going = false;
    await asking;
    expect([...seen.keys()]).toEqual([200]);
    expect(seen.get(200)).toBeGreaterThan(20);
  });
});

describe("files that nginx refuses", () => {
  const refuse = async (change: (conf: Record<string, string>) => Record<string, string>) => {
    const declared = await stack.declare({ users: [...users, { name: "never", access: "pull" }] });
    const changed = change(files(declared.one("gateway-files-revision")));
    const { inputs } = declared.one("gateway-files-revision");
    const broken = {
      ...declared.one("gateway-files-revision"),
      inputs: { ...inputs, stdin: `${encode(changed)}.\n` },
    };
    const result = await stack.command({ ...declared, one: () => broken }, "gateway-files-revision");
    expect(result.code).not.toBe(0);
    return result.output;
  };

  it.each([
    [
      "a directive it does not know",
      (all: Record<string, string>) => ({
        ...all,
        "nginx.conf": (all["nginx.conf"] ?? "").replace("tcp_nopush on;", "tcp_nopush on; bogus 1;"),
      }),
      /\[emerg\] \S+ unknown directive "bogus" in \S+nginx\.conf:\d+/,
    ],
    [
      "a key that is not the certificate's",
      (all: Record<string, string>) => ({ ...all, "server.key": stack.chain.root.key }),
      /\[emerg\] \S+ SSL_CTX_use_PrivateKey\(\S+ failed.*key values mismatch/,
    ],
    [
      "no certificate",
      (all: Record<string, string>) => ({ ...all, "server.crt": "" }),
      /\[emerg\] \S+ cannot load certificate/,
    ],
  ])("(%s) never count, and nginx's own line says why", async (_, change, line) => {
    const output = await refuse(change);
    expect(output).toMatch(line);
    expect(output).toContain("the ones before stay in use");
    expect(output).not.toMatch(/PRIVATE KEY|\{SSHA\}/);
    expect(await status(ci)).toBe(200);
    expect(await identity()).toBe(container);
  });

  it("do not count after a restart of the container either", async () => {
    await must("docker", ["restart", stack.gateway]);
    await until("it answers", async () => (await status(ci).catch(() => 0)) === 200);
  });
});

describe("the reload", () => {
  it("says so when the container is not there", async () => {
    const declared = await stack.declare();
    const result = await stack.command(declared, "gateway-reload", { CONTAINER: `${stack.gateway}-not` });
    expect(result.code).not.toBe(0);
    expect(result.output).toContain("No such container");
  });

  it("says so when nginx answers with another revision", async () => {
    const declared = await stack.declare();
    const result = await stack.command(declared, "gateway-reload", { REVISION: "rev-other" });
    expect(result.code).not.toBe(0);
    expect(result.output).toContain("nginx did not take up the new files within");
  });

  it("is not done while an old worker takes requests, however late that comes to hear of it", async () => {
    const processes = await must("docker", ["top", stack.gateway, "-o", "pid,args"]);
    const worker = Number(/^ *(\d+) +nginx: worker process *$/m.exec(processes)?.[1]);
    process.kill(worker, "SIGSTOP");
    let goesOn = false;
    setTimeout(() => {
      goesOn = true;
      process.kill(worker, "SIGCONT");
    }, 3000);
    await stack.update({ users: [...users, { name: "late", access: "pull" }] });
    expect(goesOn).toBe(true);
  });

  it("leaves no secret in the log of the container", async () => {
    const { output } = await run("docker", ["logs", stack.gateway]);
    expect(output).not.toMatch(/PRIVATE KEY|\{SSHA\}/);
    expect(output).not.toContain(ci.slice(3));
  });
});
