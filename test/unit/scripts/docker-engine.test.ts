import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Stubs, all, run, type Result } from "./run";

const DEBIAN = 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
const NO_ENGINE = 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1';
const CANDIDATE =
  'case "$2" in docker.io) echo "  Candidate: 20.10.24";; *) echo "  Candidate: (none)";; esac';

let machine: Stubs;

beforeEach(() => {
  machine = new Stubs(["sh", "cat", "grep", "tail", "rm", "sleep", "setsid", "nohup"]);
  machine.file("root/etc/os-release", DEBIAN);
  machine.file("root/run/.keep");
  machine.file("root/var/log/.keep");
  machine.stub("id", 'if [ "$1" = -u ]; then echo 0; else echo root; fi');
  machine.stub("apt-cache", CANDIDATE);
  machine.stub("apt-get", "exit 0");
});
afterEach(() => machine.dispose());

function engine(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run("sh", ["scripts/docker-engine.sh", ...args], {
    env: { PATH: machine.PATH, ROOT_DIR: `${machine.path}/root`, START_SECONDS: "3", ...env },
  });
}

/** A user without rights. */
function unprivileged(): void {
  machine.stub("id", 'if [ "$1" = -u ]; then echo 1000; else echo ann; fi');
}

const calls = (): string[] => readFileSync(machine.log, "utf8").split("\n").filter(Boolean);

describe("an engine that answers", () => {
  test("is left alone, without a word", async () => {
    machine.stub("docker", "echo 20.10.24");
    expect(all(await engine())).toBe("(exit code 0)");
    expect(calls()).toEqual(["docker info --format {{.ServerVersion}}"]);
  });

  test("a client that prints nothing and exits 0 has no engine", async () => {
    machine.stub("docker", "exit 0");
    machine.stub("dockerd", "exit 0");
    const result = await engine(["--dry-run"]);
    expect(result.stdout).toContain("dockerd");
  });
});

describe("root on Debian without an engine", () => {
  test("installs Debian's package and starts it with systemd", async () => {
    machine.file("root/run/systemd/system/.keep");
    machine.stub("systemctl", "exit 0");
    const result = await engine(["--dry-run"]);
    expect(result.code).toBe(0);
    expect(result.stdout.trimEnd().split("\n")).toEqual([
      "apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends docker.io iptables ca-certificates",
      "systemctl enable --now docker",
    ]);
    expect(calls().filter((call) => /^(apt-get|systemctl)/.test(call))).toEqual([]);
  });

  test("reads the package lists first where there are none, and installs the client where it is a package", async () => {
    machine.stub(
      "apt-cache",
      'case "$2" in docker-cli) echo "  Candidate: 26.1";; *) echo "  Candidate: (none)";; esac',
    );
    const result = await engine(["--dry-run"]);
    expect(result.stdout).toMatch(/^apt-get -q -o Acquire::Retries=2 update\n/);
    expect(result.stdout).toContain("docker.io iptables ca-certificates docker-cli\n");
  });

  test("without systemd uses the init script, and dockerd by hand where there is none", async () => {
    machine.stub("docker", NO_ENGINE);
    machine.stub("dockerd", "exit 0");
    expect((await engine(["--dry-run"])).stdout).toMatch(/^setsid nohup dockerd/);
    machine.file("root/etc/init.d/docker", "", 0o755);
    machine.stub("service", "exit 0");
    expect((await engine(["--dry-run"])).stdout).toBe("service docker start\n");
  });

  test("starts dockerd by hand, waits for its answer, and stops what it started", async () => {
    const up = `${machine.path}/up`;
    machine.stub("docker", `if [ -f ${up} ]; then echo 20.10.24; else ${NO_ENGINE}; fi`);
    machine.stub("dockerd", `: >${up}; exec sleep 60`);
    const result = await engine();
    expect(all(result)).toContain("Docker Engine 20.10.24 answers");
    expect(result.code).toBe(0);
    expect(calls()).toContain(`dockerd --pidfile ${machine.path}/root/run/docker.pid`);

    const pid = Number(readFileSync(`${machine.path}/root/run/private-registry-dockerd`, "utf8"));
    expect(process.kill(pid, 0)).toBe(true);
    expect((await engine(["stop"])).stderr).toContain(`stopped dockerd (process ${String(pid)})`);
    await expect.poll(() => alive(pid)).toBe(false);
    expect(all(await engine(["stop"]))).toBe("(exit code 0)");
  });

  test("shows the end of the log of an engine that does not come up", async () => {
    machine.stub("docker", NO_ENGINE);
    machine.stub("dockerd", "echo 'failed to start daemon: no iptables'; exit 1");
    const result = await engine();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("did not answer within 3 seconds");
    expect(result.stderr).toContain("failed to start daemon: no iptables");
  });

  test("says so when the package cannot be installed", async () => {
    machine.stub("apt-get", 'echo "E: no space left" >&2; exit 100');
    const result = await engine();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("E: no space left");
    expect(result.stderr).toContain("docker.io could not be installed");
  });
});

describe("where it can only advise, it says what to do", () => {
  test.each([
    ["a user without rights", NO_ENGINE, "sudo sh scripts/docker-engine.sh"],
    [
      "a user outside of the group",
      'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
      "sudo usermod --append --groups docker ann",
    ],
  ])("%s", async (_who, docker, advice) => {
    unprivileged();
    machine.stub("docker", docker);
    const result = await engine();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(advice);
    expect(calls().some((call) => call.startsWith("apt-get"))).toBe(false);
  });

  test.each([
    ["Fedora Linux 42", "ID=fedora", "dnf install moby-engine"],
    ["Arch Linux", "ID=arch", "Install Docker Engine 20.10 or later"],
  ])("root on %s", async (name, id, advice) => {
    machine.file("root/etc/os-release", `${id}\nPRETTY_NAME="${name}"\n`);
    const result = await engine();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`this is ${name}`);
    expect(result.stderr).toContain(advice);
  });

  test("an engine elsewhere is never installed", async () => {
    machine.stub("docker", 'echo "ssh: connect to host build7 port 22: Connection refused" >&2; exit 1');
    const result = await engine([], { DOCKER_HOST: "ssh://root@build7" });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "DOCKER_HOST=ssh://root@build7 does not answer: ssh: connect to host build7",
    );
    expect(calls().some((call) => call.startsWith("apt"))).toBe(false);
  });

  test("an unknown argument", async () => {
    const result = await engine(["--force"]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('"--force"');
  });
});

/** Whether a process runs; one that is dead but not yet collected by its parent does not. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}
