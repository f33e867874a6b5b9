import { once } from "node:events";
import * as net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { portFault } from "../../../components/docker-host/ports";
import { FakeDocker } from "../../support/fake-docker";

const far = {
  uri: "ssh://far.example.com",
  bindAddress: "172.17.0.1",
  setting: "port",
  port: 8000,
  gateway: "ours",
};
let fake: FakeDocker;
beforeEach(() => {
  fake = new FakeDocker({ ps: "" });
});
afterEach(() => {
  fake.remove();
});

describe("a container of another's holds the port", () => {
  it.each([
    "172.17.0.1:8000->80/tcp",
    "0.0.0.0:8000->80/tcp",
    ":::8000->80/tcp",
    "[::]:8000->80/tcp",
    "0.0.0.0:7999->79/tcp, 0.0.0.0:8000->80/tcp, :::8000->80/tcp",
    "0.0.0.0:7998-8001->78-81/tcp",
  ])("as %s", async (ports) => {
    fake.answer({ "ps --filter publish=8000": `theirs\t${ports}\n` });
    expect(await portFault(far)).toBe(
      "private-registry:port 8000 on 172.17.0.1 is taken by the container theirs; free it, or take another, such as 8001",
    );
  });

  it("on an address, while we want all", async () => {
    fake.answer({ ps: "theirs\t10.0.0.1:8000->80/tcp\n" });
    expect(await portFault({ ...far, bindAddress: "0.0.0.0" })).toContain("is taken by the container theirs");
  });

  it("and ours holds it, too", async () => {
    fake.answer({ ps: "ours\t10.0.0.1:8000->80/tcp\ntheirs\t10.0.0.2:8000->80/tcp\n" });
    expect(await portFault({ ...far, bindAddress: "0.0.0.0" })).toContain(
      "is taken by the container theirs;",
    );
  });

  it("the last one of all ports", async () => {
    fake.answer({ ps: "theirs\t0.0.0.0:65535->80/tcp\n" });
    expect(await portFault({ ...far, port: 65535 })).toContain("such as 8000");
  });
});

describe("nobody else's container holds it", () => {
  it.each([
    ["ours\t172.17.0.1:8000->8443/tcp", "it is ours"],
    ["theirs\t10.0.0.1:8000->80/tcp", "another address"],
    ["theirs\t0.0.0.0:8000->80/udp", "UDP"],
    ["theirs\t0.0.0.0:8001-8005->80-84/tcp, 8000/tcp", "not published"],
    ["theirs\t", "no port"],
  ])("%j: %s", async (line) => {
    fake.answer({ ps: `${line}\n` });
    expect(await portFault(far)).toBeUndefined();
  });
});

describe("on this machine", () => {
  const here = { ...far, uri: "unix:///var/run/docker.sock", bindAddress: "127.0.0.1" };

  it("another program holds it", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    expect(await portFault({ ...here, port })).toMatch(
      new RegExp(
        `^private-registry:port ${port} on 127\\.0\\.0\\.1 is taken by another program \\(EADDRINUSE\\); free it, or take another`,
      ),
    );
    fake.answer({ ps: `ours\t127.0.0.1:${port}->8443/tcp\n` });
    expect(await portFault({ ...here, port }), "our own").toBeUndefined();
    server.close();
    await once(server, "close");
    fake.answer({ ps: "" });
    expect(await portFault({ ...here, port }), "free again").toBeUndefined();
  });

  it("the address is not its own", async () => {
    expect(await portFault({ ...here, bindAddress: "192.0.2.1" })).toBe(
      "private-registry:bindAddress 192.0.2.1 is not an address of this machine",
    );
  });
});
