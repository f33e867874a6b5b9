import { once } from "node:events";
import * as fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/run";
import { Deployment, freePort, must } from "./deployment";

interface State {
  readonly checkpoint: { readonly latest: { readonly pending_operations?: readonly Operation[] } };
}
interface Operation {
  readonly type: string;
  readonly resource: { readonly urn: string };
}

/** The hardest moment to die at: something exists that the state does not know of. A plain `make up` puts it right. */
describe("a run of make up that dies while a container is being made", () => {
  const deployment = new Deployment();

  beforeAll(async () => {
    await deployment.prepare();
    const up = await deployment.make("up");
    if (up.code !== 0) throw new Error(up.output);
  });
  afterAll(() => deployment.remove());

  const names = async (): Promise<string[]> =>
    (await deployment.containers()).map((line) => line.split(" ")[1] ?? "").sort();
  const idOf = async (name: string): Promise<string | undefined> =>
    (await deployment.containers()).find((line) => line.includes(` ${name} `))?.split(" ")[0];
  const pending = (): string[] => {
    const { checkpoint } = JSON.parse(fs.readFileSync(deployment.stateFile, "utf8")) as State;
    return (checkpoint.latest.pending_operations ?? []).map(
      ({ type, resource }) => `${type} ${resource.urn.split("::").at(-1) ?? ""}`,
    );
  };

  /** Runs `make up` and signals all of it as soon as `condition` holds. */
  async function dieWhen(condition: () => Promise<boolean>, signal: NodeJS.Signals): Promise<void> {
    const dying = deployment.start("up");
    let output = "";
    dying.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    dying.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(dying, "close");
    const met = async (): Promise<boolean> => {
      if (dying.exitCode !== null) throw new Error(`it ended before that: ${output}`);
      return condition();
    };
    await until("the moment to die", met, 120);
    process.kill(-(dying.pid ?? 0), signal);
    await ended;
  }

  async function expectToGoOn(...messages: RegExp[]): Promise<void> {
    const up = await deployment.make("up");
    expect(up.code, up.output).toBe(0);
    for (const message of messages) expect(up.output).toMatch(message);
    expect(pending()).toEqual([]);
    const inNetwork = JSON.parse(await must("docker", ["network", "inspect", deployment.prefix])) as [
      { readonly Containers: Readonly<Record<string, { readonly Name: string }>> },
    ];
    const there = Object.values(inNetwork[0].Containers).map(({ Name }) => Name);
    expect(there.filter((name) => name === gateway)).toHaveLength(1);
    expect(there.filter((name) => name.startsWith(`${deployment.prefix}-registry-`))).toHaveLength(1);
    expect(there.sort()).toEqual(await names());
  }

  const gateway = `${deployment.prefix}-gateway`;
  const newGateway = async (): Promise<() => Promise<boolean>> => {
    const old = await idOf(gateway);
    deployment.edit("port", await freePort());
    return async () => ![undefined, old].includes(await idOf(gateway));
  };

  it("goes on after SIGKILL with the new gateway half made", async () => {
    await dieWhen(await newGateway(), "SIGKILL");
    expect(pending()).toEqual([expect.stringMatching(/^creating .*gateway/)]);
    expect(deployment.locks()).toHaveLength(1);
    await expectToGoOn(
      /removed the lock of a run that has ended \(pid \d+/,
      /the last run ended while this was being created; removed its half-made container/,
    );
  });

  it("goes on after SIGKILL with a second registry half made", async () => {
    const file = deployment.file("components", "registry", "config.ts");
    const text = fs.readFileSync(file, "utf8");
    const changed = text.replace('level: "warn"', 'level: "info"');
    expect(changed).not.toBe(text);
    fs.writeFileSync(file, changed);
    const before = await names();
    await dieWhen(async () => (await names()).length > before.length, "SIGKILL");
    expect(pending()).toEqual([expect.stringMatching(/^creating .*registry/)]);
    await expectToGoOn(/removed its half-made container/);
    expect(await names()).not.toEqual(before);
  });

  it("finishes what it is doing when the terminal is closed, and goes on from there", async () => {
    await dieWhen(await newGateway(), "SIGHUP");
    await until("the lock is gone", () => deployment.locks().length === 0);
    expect(pending()).toEqual([]);
    await expectToGoOn();
  });

  it("leaves nothing behind that make destroy does not find", async () => {
    await dieWhen(await newGateway(), "SIGKILL");
    const destroy = await deployment.make("destroy");
    expect(destroy.code, destroy.output).toBe(0);
    expect(await names()).toEqual([]);
    expect(await must("docker", ["network", "ls", "-q", "--filter", `name=${deployment.prefix}`])).toBe("");
    expect(await must("docker", ["volume", "ls", "-q", "--filter", `name=${deployment.prefix}`])).toBe("");
  });
});
