import * as fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import { noHosts, TestHosts, type Family, type TestHost } from "../support/hosts";
import { until } from "../support/run";
import { DockerClient } from "./client";
import { Deployment, must, type Outputs } from "./deployment";

/** What dockerd in a container needs. */
const NESTED = ["--cap-add=SYS_ADMIN", "--cap-add=NET_ADMIN", "--security-opt=seccomp=unconfined"];
const families: Family[] = ["engines", "el6", "el7", "el9", "suse", "alpine"];
const why = await noHosts(...families);

/** Six hosts of different families and one registry, in order: each step rests on the one before. */
describe.skipIf(why !== undefined)(`hosts of a deployment ${why ?? ""}`, () => {
  const deployment = new Deployment();
  const machines = new TestHosts();
  const hosts = new Map<string, TestHost>();
  const before = new Map<string, string[]>();
  const extras: Record<string, object> = {};
  let registryAddress: string;
  let outputs: Outputs;
  let image: string;

  const host = (name: string): TestHost => {
    const found = hosts.get(name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  };
  /** Writes the hosts into the settings. */
  function declare(...names: string[]): void {
    const list = names.map((name) => ({ ...host(name).settings, registryAddress, ...extras[name] }));
    deployment.edit("hosts", list);
  }
  async function asBefore(name: string): Promise<void> {
    expect(await host(name).snapshot(), name).toEqual(before.get(name));
  }

  /** Not stopped: its address would be the next container's. */
  async function silenced(name: string): Promise<void> {
    await must("docker", ["pause", host(name).container]);
  }

  async function startDocker(): Promise<void> {
    const { container } = host("engines");
    const daemon = "dockerd --bridge=none --iptables=false --storage-driver=vfs >/tmp/dockerd.log 2>&1";
    await must("docker", ["exec", "--detach", container, "sh", "-c", daemon]);
    await until("dockerd on the host", async () => (await host("engines").sh("docker info")).code === 0, 60);
  }

  beforeAll(async () => {
    registryAddress = await bridgeAddress("unix:///var/run/docker.sock");
    await deployment.prepare();
    await Promise.all(
      families.map(async (family) => {
        const machine = await machines.start(family, family, ...(family === "engines" ? NESTED : []));
        hosts.set(family, machine);
        before.set(family, await machine.snapshot());
      }),
    );
    const bastion = { ...host("engines").settings, name: undefined };
    Object.assign(extras, {
      engines: { dockerLogin: { user: "ci" } },
      el6: { user: "ops" },
      el9: { bastion },
    });
    const set = ["config", "set", "--secret", "private-registry:sshPrivateKey", "--stack", deployment.stack];
    await deployment.make("preview");
    await must("./pulumiw", set, { cwd: deployment.folder, env: deployment.env, input: machines.key });
    await startDocker();
  });
  afterAll(async () => {
    await deployment.remove();
    await machines.remove();
  });

  it("that fail at the first up are named; the registry is up, with its address and this machine's trust", async () => {
    await silenced("el7");
    declare(...families);
    const up = await deployment.make("up");
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/1 of 6 hosts failed; the others are done:\s+- el7: unreachable/);
    expect(up.output).toMatch(
      /The registry is up: https[^]*docker login -u admin [^]*1 of its hosts cannot use it yet/,
    );
    outputs = await deployment.outputs();
    expect(outputs.address).toMatch(/^registry\./);
    expect(Object.keys(outputs.hosts)).toHaveLength(6);
    await must("docker", ["unpause", host("el7").container]);
  });

  it("trust the registry, each with its proof; docker, podman, skopeo and curl work without a flag", async () => {
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    outputs = await deployment.outputs();
    expect(Object.keys(outputs.hosts).sort()).toEqual([...families].sort());
    for (const answer of Object.values(outputs.hosts)) {
      expect(answer).toMatchObject({
        proof: expect.stringContaining(`https://${outputs.address}/v2/ answered 401`) as string,
        expires: outputs.certificateExpires.replace(/\.\d+Z$/, "Z"),
      });
    }
    const client = new DockerClient(deployment, outputs.address);
    await client.login("ci", outputs.credentials["ci"] ?? "");
    image = await client.image("team/app:1", 1);
    expect((await client.docker(["push", image])).code).toBe(0);

    const engines = host("engines");
    for (const command of [
      `docker pull ${image}`,
      `podman pull ${image}`,
      `skopeo inspect docker://${image}`,
    ]) {
      const result = await engines.sh(command);
      expect(result.code, `${command}: ${result.output}`).toBe(0);
    }
    const curl = `curl -sS -o /dev/null -w '%{http_code}' ${outputs.url}/v2/`;
    for (const name of families.filter((family) => family !== "alpine"))
      expect((await host(name).sh(curl)).output, name).toBe("401");
    expect(fs.readFileSync(deployment.stateFile, "utf8")).not.toContain(machines.key.split("\n")[2]);
  });

  it("are refused without the trust, and let in as soon as it is back, without a restart", async () => {
    const store = "/etc/ssl/certs";
    const places = "/etc/docker/certs.d /etc/containers/certs.d /etc/containerd/certs.d";
    const engines = host("engines");
    await engines.must(`tar cf /tmp/places.tar ${places} && rm -r ${places}`);
    await engines.must(`docker rmi ${image} && podman rmi ${image} && mv ${store} ${store}.away`);
    // It keeps the system's store as it was when it first looked.
    await engines.must("kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.1; done");
    await startDocker();
    const pulls = [`docker pull ${image}`, `podman pull ${image}`];
    for (const command of pulls) expect((await engines.sh(command)).output).toMatch(/unknown authority/);
    await engines.must("tar xf /tmp/places.tar -C /");
    for (const command of pulls) {
      const pull = await engines.sh(command);
      expect(pull.code, `${command}: ${pull.output}`).toBe(0);
    }
    await engines.must(`mv ${store}.away ${store}`);
  });

  it("that are in order are left alone; one that is not, is put in order; one that is gone is named", async () => {
    await silenced("el7");
    const untouched = await host("suse").snapshot();
    // A change of its settings: not of the CA, so it has no reason to hold the gateway up.
    extras["el7"] = { restartDocker: true };
    // The old entry waits for its removal until no host fails.
    extras["alpine"] = { name: "edge" };
    hosts.set("edge", host("alpine"));
    declare(...families);
    await host("el9").must("rm -r /etc/pki/ca-trust/source/anchors/* && update-ca-trust");
    const up = await deployment.make("up");
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/1 of 6 hosts failed[^]*el7: unreachable/);
    expect(up.output).toMatch(/host el9: not as it was left: missing .*anchors/);
    expect(await host("el9").must(`curl -sS -o /dev/null -w '%{http_code}' ${outputs.url}/v2/`)).toBe("401");
    expect(await host("suse").snapshot()).toEqual(untouched);
  });

  it("are shown in one table by make verify-hosts, which changes nothing", async () => {
    const verify = await deployment.make("verify-hosts");
    expect(verify.code).not.toBe(0);
    expect(verify.output).toMatch(/^HOST +ADDRESS +RESULT/m);
    expect(verify.output).toMatch(/^el7 .* FAILED +unreachable/m);
    for (const name of ["engines", "el6", "el9", "suse", "edge"])
      expect(verify.output, verify.output).toMatch(new RegExp(`^${name} .* trusts `, "m"));
    expect(verify.output).toMatch(/5 of 6 hosts trust registry/);
  });

  it("go on trusting while the CA is replaced; one that is taken out of the settings is as it was", async () => {
    await must("docker", ["unpause", host("el7").container]);
    declare(...families.filter((name) => name !== "el6"));
    const probe = `for i in $(seq 1000); do [ ! -e /tmp/end ] || break; sleep 0.1; curl -sS -o /dev/null -w '%{http_code}\\n' ${outputs.url}/v2/; done >/tmp/answers 2>&1`;
    await must("docker", ["exec", "--detach", host("suse").container, "sh", "-c", probe]);
    deployment.edit("certificate", { protect: false, keyType: "rsa-2048" });
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    const answers = (
      await host("suse").must("touch /tmp/end; sleep 1; cat /tmp/answers; rm /tmp/end /tmp/answers")
    )
      .trim()
      .split("\n");
    expect(answers.length).toBeGreaterThan(20);
    expect([...new Set(answers)]).toEqual(["401"]);
    const after = await deployment.outputs();
    expect(after.caCertificate).not.toBe(outputs.caCertificate);
    await asBefore("el6");
    expect(Object.keys(after.hosts)).toHaveLength(5);
    expect(Object.keys(after.hosts)).toContain("edge");
    await host("edge").must(`test -e /var/lib/private-registry/${deployment.stack}/generation`);
    for (const name of Object.keys(after.hosts)) {
      const bundle = (after.hosts[name] as { store: string }).store;
      const line = outputs.caCertificate.trim().split("\n").at(-3) ?? "";
      expect(
        (await host(name).sh(`grep -cF '${line}' ${bundle}`)).stdout.trim(),
        `${name} has let go of the old CA`,
      ).toBe("0");
    }
    outputs = after;
  });

  it("that are gone for good and out of the settings leave by one command", async () => {
    await silenced("suse");
    // And one that is found at another port by now: what its old entry removes must not be what the new one has put there.
    await host("el7").must("/usr/sbin/sshd -p 2222");
    extras["el7"] = { port: 2222 };
    declare("engines", "el7", "el9", "alpine");
    const refused = await deployment.make("up");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/suse: unreachable[^]*make up FORGET=suse/);
    const forgotten = await deployment.make("up", "FORGET=suse");
    expect(forgotten.code, forgotten.output).toBe(0);
    expect(refused.output + forgotten.output).toMatch(
      /left as it is: this machine is now the host el7 [0-9.]+:2222/,
    );
    await host("el7").must(`test -s /var/lib/private-registry/${deployment.stack}/generation`);
    expect(Object.keys((await deployment.outputs()).hosts).sort()).toEqual(["edge", "el7", "el9", "engines"]);
  });

  it("are as they were before, to the byte, after make destroy; one that is gone for good leaves by one command", async () => {
    await silenced("el9");
    const refused = await deployment.make("destroy");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/el9: unreachable[^]*make destroy FORGET=el9/);
    const forgotten = await deployment.make("destroy", "FORGET=el9");
    expect(forgotten.code, forgotten.output).toBe(0);
    for (const name of ["engines", "el7", "alpine"]) await asBefore(name);
  });
});
