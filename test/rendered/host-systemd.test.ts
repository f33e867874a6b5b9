import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { until } from "../support/run";
import { TrustTarget } from "../support/trust-target";

/** What systemd in a container needs, and dockerd under it. */
const NESTED = [
  ...[
    "--cap-add=SYS_ADMIN",
    "--cap-add=NET_ADMIN",
    "--cgroupns=private",
    "--tmpfs=/run",
    "--tmpfs=/run/lock",
  ],
  ...["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"],
];
const PROXY = { url: "http://proxy.example.com:3128", noProxy: [".internal"] };

const hosts = new TestHosts();
let host: TestHost;

/** Why systemd cannot be had here, or nothing: then `host` has it, and a Docker engine under it. */
async function noSystemd(): Promise<string | undefined> {
  const why = await noHosts("systemd");
  if (why !== undefined) return why;
  try {
    host = await hosts.start("systemd", "systemd", ...NESTED);
    await until("docker.service", async () => (await host.sh("docker info")).code === 0, 60);
    return undefined;
  } catch (error) {
    return `systemd does not run in a container here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const why = await noSystemd();
afterAll(() => hosts.remove());

/** A real systemd and a real dockerd: what they know, rather than what was written for them. */
describe.skipIf(why !== undefined)(`dockerProxy and restartDocker under systemd ${why ?? ""}`, () => {
  let target: TrustTarget;
  let before: string[];

  beforeAll(async () => {
    target = await TrustTarget.start();
    before = await host.snapshot();
  });
  afterAll(() => target.close());

  const ask = (verb: "install" | "remove", extra: object) =>
    onHost(host, verb, { target, key: hosts.key, extra });
  /** The settings of Docker's unit, as systemd has loaded them. */
  const loaded = () => host.must("systemctl show --property=Environment docker.service");
  const pid = () => host.must("cat /run/docker.pid");
  /** The running daemon's proxies. */
  const daemon = () =>
    host.must("tr '\\0' '\\n' </proc/$(cat /run/docker.pid)/environ | grep -i proxy | sort || true");

  it("loads the proxy at once, and leaves Docker to its administrator", async () => {
    const running = await pid();
    const { answer, output } = await ask("install", { dockerProxy: PROXY });
    expect(answer.failed, output).toBeUndefined();
    const noProxy = "localhost,127.0.0.1,registry.example.com,.internal";
    for (const setting of [`HTTPS_PROXY=${PROXY.url}`, `https_proxy=${PROXY.url}`, `NO_PROXY=${noProxy}`])
      expect(await loaded()).toContain(setting);
    expect(await pid()).toBe(running);
    expect(await daemon()).toBe("");
  });

  it("restarts Docker when that is asked for, once", async () => {
    const running = await pid();
    await ask("remove", { dockerProxy: PROXY });
    await ask("install", { dockerProxy: PROXY, restartDocker: true });
    await until("docker.service", async () => (await host.sh("docker info")).code === 0, 60);
    const restarted = await pid();
    expect(restarted).not.toBe(running);
    expect(await daemon()).toContain(`https_proxy=${PROXY.url}`);
    const { answer } = await ask("install", { dockerProxy: PROXY, restartDocker: true });
    expect(answer["proof"]).toContain("answered 401");
    expect(await pid()).toBe(restarted);
  });

  it("takes the proxy away again", async () => {
    const { code, output } = await ask("remove", { dockerProxy: PROXY, restartDocker: true });
    expect(code, output).toBe(0);
    await until("docker.service", async () => (await host.sh("docker info")).code === 0, 60);
    expect(await loaded()).not.toContain("proxy.example.com");
    expect(await daemon()).toBe("");
    expect(await host.snapshot()).toEqual(before);
  });
});
