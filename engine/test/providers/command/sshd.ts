import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const sshdPath = "/usr/sbin/sshd";

/** A real sshd of the test's own: its own keys, port and folder, for the user who runs the test. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** One line, as `connection.hostKey` takes it. */
  readonly hostKey: string;
  readonly keyFile: string;
  readonly privateKey: string;
  /** What it has logged so far. */
  log(): string;
  stop(): void;
}

/** `type` is that of the host key and of the user's. */
export async function startSshd(type: "ed25519" | "rsa" | "ecdsa" = "ed25519"): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "regtest-sshd-"));
  const file = (name: string): string => join(folder, name);
  for (const name of ["host", "user"]) keygen(type, file(name));
  const port = await freePort();
  // Where Debian's sshd wants to lock itself up; its service would have made it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  writeFileSync(
    file("config"),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${file("host")}
AuthorizedKeysFile ${file("user.pub")}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
AcceptEnv ACCEPTED_*
`,
  );
  const server = spawn(sshdPath, ["-D", "-e", "-f", file("config")], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", () => {
      if (log.includes("Server listening")) resolve();
    });
    server.once("exit", () => {
      reject(new Error(`sshd ended: ${log}`));
    });
  });
  return {
    port,
    user: userInfo().username,
    hostKey: readFileSync(file("host.pub"), "utf8").trim(),
    keyFile: file("user"),
    privateKey: readFileSync(file("user"), "utf8"),
    log: () => log,
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

export function hasSshd(): boolean {
  try {
    execFileSync(sshdPath, ["-V"], { stdio: "ignore" });
    return true;
  } catch (error) {
    // Older ones know no -V and say so with an exit status.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

export function keygen(type: string, file: string, ...options: string[]): void {
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "regtest", "-f", file, ...options]);
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
