import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { inject } from "vitest";
import { bridgeAddress } from "../../components/docker-host/bridge";
import { issueChain, type Chain } from "./certificates";
import { Client, type RequestOptions } from "./client";
import { dockerRunArgs } from "./docker-args";
import { resolved, runProgram, type Registered, type Run } from "./program";
import { must, run, until, type Result } from "./run";
import { freePort, Sandbox } from "./sandbox";

export const HOSTNAME = "registry.example.com";

type Values = Readonly<Record<string, unknown>>;

/**
 * What index.ts declares, made real without Pulumi: its files written by its scripts into real volumes, its containers
 * started with its options from the real images, its reload run. So what is tested is what gets deployed.
 */
export class Stack {
  readonly sandbox: Sandbox;
  chain!: Chain;
  readonly images = inject("images");
  /** Names of the containers; the registry's changes when it is started again. */
  readonly gateway: string;
  readonly registry: string;
  client!: Client;
  /** At the second address; only with `anonymousPullPort`. */
  anonymous!: Client;
  /** Where the registry keeps its data. */
  readonly data: string;
  /** What is found out about that folder: see inspect-inside.sh. */
  found = "";
  private values: Values = {};
  private generation = 0;

  constructor(room: string) {
    this.sandbox = new Sandbox(room);
    this.gateway = `${this.sandbox.name}-gateway`;
    this.registry = `${this.sandbox.name}-registry`;
    this.data = this.sandbox.folder();
    chmodSync(this.data, 0o755);
  }

  /** Declares the program with these settings beside those of before. */
  async declare(values: Values = {}): Promise<Run> {
    this.values = { ...this.values, ...values };
    const certificate = { chain: this.chain.chain, key: this.chain.server.key };
    const generation = `g${this.generation}`;
    return runProgram(
      { hostname: HOSTNAME, certificate, ...this.values },
      {
        project: this.sandbox.name.replace(/-[0-9a-f]+$/, ""),
        stack: this.sandbox.name.replace(/.*-/, ""),
        inspected: `owner\t0:0\n${this.found}registry\t${generation}\ngateway\t${generation}\n`,
      },
    );
  }

  async start(values: Values = {}): Promise<void> {
    const ip = await bridgeAddress("unix:///var/run/docker.sock");
    const port = await freePort(ip);
    this.chain = issueChain([HOSTNAME, ip]);
    const declared = await this.declare({
      bindAddress: ip,
      port,
      dataPath: this.data,
      ...values,
    });
    const client = { ip, port, hostname: HOSTNAME, ca: this.chain.root.certificate };
    this.client = new Client(client);
    const second = this.values["anonymousPullPort"];
    if (typeof second === "number") this.anonymous = new Client({ ...client, port: second });
    await must("docker", ["network", "create", this.sandbox.name]);
    await this.startRegistry(declared);
    expectCode0(await this.command(declared, "gateway-files-revision"));
    await this.startContainer(this.gateway, declared.one("gateway-container"), this.images.gateway);
    await this.answers(this.gateway, async () => (await this.status("healthz")).code === 0);
    expectCode0(await this.command(declared, "gateway-reload"));
  }

  /** `name:password` of a user. */
  async user(name: string): Promise<string> {
    const { outputs } = await this.declare();
    const passwords = (await resolved(outputs["credentials"])).value as Record<string, string>;
    return `${name}:${passwords[name] ?? ""}`;
  }

  /** Address of the registry on its private network, which this machine reaches, too: for comparing. */
  async registryAddress(): Promise<string> {
    return `${await this.ip(this.registry)}:5000`;
  }

  /** IP address of a container on the private network. */
  ip(container: string): Promise<string> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    return must("docker", ["inspect", "--format", format, container]);
  }

  /** Files and container of the registry; waits until it answers. */
  async startRegistry(declared?: Run): Promise<void> {
    const program = declared ?? (await this.declare());
    expectCode0(await this.command(program, "registry-files-revision"));
    await this.startContainer(this.registry, program.one(this.registry), this.images.registry);
    const { healthcheck } = program.one(this.registry).inputs as { healthcheck: { tests: string[] } };
    await this.answers(this.registry, async () => {
      const check = await run("docker", ["exec", this.registry, ...healthcheck.tests.slice(1)]);
      return check.code === 0;
    });
  }

  /** Writes the gateway's files for changed settings and reloads: an update as Pulumi would do it. */
  async update(values: Values): Promise<void> {
    const declared = await this.declare(values);
    expectCode0(await this.command(declared, "gateway-files-revision"));
    expectCode0(await this.command(declared, "gateway-reload"));
  }

  /** Runs a command of the program. */
  command(declared: Run, name: string, replace: Readonly<Record<string, string>> = {}): Promise<Result> {
    const inputs = declared.one(name).inputs as {
      create: string;
      stdin?: string;
      environment: Record<string, string>;
    };
    const env = { ...inputs.environment, IMAGE: this.images.gateway };
    const real = name === "gateway-reload" ? { CONTAINER: this.gateway } : {};
    const script = inputs.create.split(" ");
    return run(script[0] ?? "", script.slice(1), {
      env: { ...env, ...real, ...replace },
      input: inputs.stdin ?? "",
    });
  }

  /** Asks the gateway's status server, as the reload does. */
  status(path: string): Promise<Result> {
    return run("docker", ["exec", this.gateway, "wget", "-q", "-O", "-", `http://127.0.0.1:8081/${path}`]);
  }

  /** A request, and its line in the log: an agent of its own finds that. */
  async ask(path: string, options: RequestOptions = {}) {
    const agent = randomBytes(8).toString("hex");
    const headers = { ...options.headers, "User-Agent": agent };
    const answer = await this.client.request(path, { ...options, headers });
    let line: Record<string, unknown> | undefined;
    await until("it is logged", async () => {
      line = (await this.logs()).access.find((entry) => entry["agent"] === agent);
      return line !== undefined;
    });
    return { answer, way: line?.["way"], why: line?.["why"], line };
  }

  /** Lines of the gateway's access log (JSON) and of its error log. */
  async logs(): Promise<{ access: Record<string, unknown>[]; error: string[] }> {
    const { output } = await run("docker", ["logs", this.gateway]);
    const lines = output.split("\n").filter(Boolean);
    const json = lines.filter((line) => line.startsWith("{"));
    return {
      access: json.map((line) => JSON.parse(line) as Record<string, unknown>),
      error: lines.filter((line) => !line.startsWith("{")),
    };
  }

  remove(): Promise<void> {
    return this.sandbox.remove();
  }

  private async answers(container: string, check: () => Promise<boolean>): Promise<void> {
    try {
      await until(`${container} answers`, check);
    } catch (error) {
      throw new Error((await run("docker", ["logs", container])).output, { cause: error });
    }
  }

  private async startContainer(name: string, declared: Registered, image: string): Promise<void> {
    const { options, command } = dockerRunArgs(declared.inputs);
    const network = options.map((option, index) =>
      options[index - 1] === "--network" ? this.sandbox.name : option,
    );
    await must("docker", ["run", "--detach", "--name", name, ...network, image, ...command]);
  }
}

export function expectCode0({ code, output }: Result): void {
  if (code !== 0) throw new Error(`code ${code}: ${output}`);
}
