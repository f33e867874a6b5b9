import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Host } from "../../components/settings/settings";
import { noHosts, TestHosts, type TestHost } from "../../test/support/hosts";
import { must } from "../../test/support/run";
import { parse } from "../../test/support/settings";
import { TrustTarget } from "../../test/support/trust-target";
import { ansible, ours, parallelSsh, type Bench, type Contender } from "./contenders";

const COUNT = Number(process.env["HOSTS"] ?? "20");
const REPEAT = Number(process.env["REPEAT"] ?? "3");
const SCALE = (process.env["SCALE"] ?? "1 10 50 100")
  .split(" ")
  .filter((count) => count !== "")
  .map(Number);

interface Measured {
  readonly seconds: number;
  /** Processor time on this side, in seconds: what is left where hosts are machines of their own. */
  readonly processor: number;
  /** Of the largest process, MiB. */
  readonly memory: number;
}

/** Runs a contender to its end. Python's resource module tells the memory, for Node does not for its children. */
function measure({ name, command, cwd, env }: Contender): Promise<Measured> {
  const program = [
    "import json, os, resource, subprocess, sys, time",
    "started = time.monotonic()",
    "run = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)",
    "seconds = time.monotonic() - started",
    "usage = resource.getrusage(resource.RUSAGE_CHILDREN)",
    "processor, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024",
    "if run.returncode: sys.exit(run.stdout.decode()[-3000:])",
    "print(json.dumps({'seconds': seconds, 'processor': processor, 'memory': memory}))",
  ].join("\n");
  return new Promise((resolve, reject) => {
    const child = spawn("python3", ["-c", program, ...command], { cwd, env: { ...process.env, ...env } });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(stdout) as Measured);
      else reject(new Error(`${name}: ${stderr}`));
    });
  });
}

/** Hosts as they were before anybody came, with no connection to them. */
async function reset(hosts: readonly TestHost[], { cwd, env }: Contender): Promise<void> {
  const clean =
    "rm -rf /etc/docker /etc/containers /etc/pki/ca-trust/source/anchors/* /var/lib/private-registry /root/.ansible; update-ca-trust";
  for (const host of hosts) await host.must(clean);
  fs.rmSync(path.join(cwd, ".pulumi"), { recursive: true, force: true });
  const sockets = env["XDG_RUNTIME_DIR"] ?? "";
  for (const folder of fs.readdirSync(sockets)) fs.rmSync(path.join(sockets, folder), { recursive: true });
}

async function prepare({ cwd, env, command }: Contender): Promise<void> {
  const at = command.indexOf("up");
  await must("sh", ["-c", 'cd "$0" && shift 0 && exec "$@" stack init bench', cwd, ...command.slice(0, at)], {
    env: env as Record<string, string>,
  });
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function compare(bench: Bench, machines: readonly TestHost[]): Promise<void> {
  const us = ours(bench);
  const contenders = [
    us,
    parallelSsh(bench),
    ansible(bench, "script", true),
    ansible(bench, "modules", true),
    ansible(bench, "modules", false),
  ];
  const first = new Map(contenders.map(({ name }) => [name, [] as Measured[]]));
  const again = new Map(contenders.map(({ name }) => [name, [] as Measured[]]));
  for (let round = 0; round < REPEAT; round++) {
    for (const contender of contenders) {
      await reset(machines, us);
      await prepare(us);
      first.get(contender.name)?.push(await measure(contender));
      again.get(contender.name)?.push(await measure(contender));
    }
  }
  const time = (all: Map<string, Measured[]>, name: string, what: "seconds" | "processor" = "seconds") =>
    median((all.get(name) ?? []).map((one) => one[what]));
  console.log(`${bench.hosts.length} hosts, proof included; median of ${REPEAT} rounds, in turn\n`);
  console.log(
    "| | first | nothing to do | ours / it, first | ours / it, nothing to do | processor time on this side | largest process |",
  );
  console.log("|---|---:|---:|---:|---:|---:|---:|");
  for (const { name } of contenders) {
    const cells = [first, again].map((all) => `${time(all, name).toFixed(1)} s`);
    const ratios = [first, again].map((all) => `${(time(all, us.name) / time(all, name)).toFixed(2)} ×`);
    const processor = [first, again].map((all) => `${time(all, name, "processor").toFixed(1)} s`).join(", ");
    const memory = Math.max(...(first.get(name) ?? []).map((one) => one.memory));
    console.log(`| ${[name, ...cells, ...ratios, processor, `${Math.round(memory)} MiB`].join(" | ")} |`);
  }
  console.log(UNLIKE);
}

/** What the columns do not show: the runs where nothing is to do are not alike. */
const UNLIKE = `
Where nothing is to do, \`up\` looks at what is on record, in the files and in the store of each host, and makes no
handshake; \`make verify-hosts\` does. The others make the whole proof anew each time: that column compares what a person
waits for, not the same work. This program and Ansible go on with the connections of a moment ago, plain ssh does not.`;

async function scale(all: Bench, machines: readonly TestHost[], count: number): Promise<void> {
  const us = ours({ ...all, hosts: all.hosts.slice(0, count) });
  await reset(machines, us);
  await prepare(us);
  const first = await measure(us);
  const again = await measure(us);
  const cells = [
    count,
    `${first.seconds.toFixed(1)} s`,
    `${again.seconds.toFixed(1)} s`,
    `${Math.round(first.memory)} MiB`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

async function main(): Promise<void> {
  const why = await noHosts("python");
  if (why !== undefined) {
    console.log(`left out: ${why}`);
    return;
  }
  const started = new TestHosts();
  const runtime = fs.mkdtempSync("/tmp/bench-ssh-");
  const target = await TrustTarget.start();
  try {
    const machines: TestHost[] = [];
    const start = async (count: number) => {
      while (machines.length < count) {
        const name = `host-${machines.length + 1}`;
        machines.push(await started.start("python", name, "--add-host", `${target.hostname}:${target.ip}`));
      }
    };
    const bench = (count: number, name: string): Bench => {
      const folder = path.join(started.folder, name);
      fs.mkdirSync(folder);
      const hosts: Host[] = parse({ hosts: machines.slice(0, count).map(({ settings }) => settings) }).hosts;
      const { registry, ca } = target;
      return { folder, runtime, hosts, registry, authority: ca.certificate, key: started.key };
    };
    await start(COUNT);
    await compare(bench(COUNT, "compare"), machines);
    if (SCALE.length > 0)
      console.log("\n| hosts | first | nothing to do | largest process |\n|---:|---:|---:|---:|");
    for (const count of SCALE) {
      await start(count);
      await scale(bench(count, `scale-${count}`), machines.slice(0, count), count);
    }
  } finally {
    target.close();
    await started.remove();
    fs.rmSync(runtime, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
