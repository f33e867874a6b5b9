import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Agent } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** How long an idle SSH connection is kept for the next request, in milliseconds. */
const idleTime = 10_000;

/**
 * HTTP over `ssh … docker system dial-stdio`: each connection is an `ssh` process whose standard input and
 * output are joined to the remote Docker socket. A few connections are kept open between requests.
 */
export class DialStdioAgent extends Agent {
  /** `target`: `user@host`; `port`: of the SSH server; `options`: further arguments of `ssh`. */
  constructor(
    private readonly target: string,
    private readonly port: number | undefined,
    private readonly options: readonly string[],
  ) {
    super({ keepAlive: true, maxSockets: 8, maxFreeSockets: 2, timeout: idleTime });
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex {
    const port = this.port === undefined ? [] : ["-p", String(this.port)];
    const ssh = spawn("ssh", [...this.options, ...port, "--", this.target, "docker", "system", "dial-stdio"]);
    const stream = new SshStream(ssh, this.target);
    callback?.(null, stream);
    return stream;
  }
}

/** The two ends of an `ssh` process as one stream, with what Node's HTTP client calls on sockets. */
class SshStream extends Duplex {
  private complaints = "";

  constructor(
    private readonly ssh: ChildProcessWithoutNullStreams,
    target: string,
  ) {
    super();
    ssh.stdout.on("data", (data: Buffer) => {
      if (!this.push(data)) ssh.stdout.pause();
    });
    ssh.stderr.on("data", (data: Buffer) => {
      this.complaints = `${this.complaints}${data.toString()}`.slice(-2000);
    });
    ssh.stdin.on("error", () => undefined);
    ssh.on("error", (error) => this.destroy(new Error(`ssh could not be started: ${error.message}`)));
    ssh.on("close", (code) => {
      const reason = this.complaints.trim();
      if (code === 0) this.push(null);
      else
        this.destroy(
          new Error(`ssh ${target} ended with ${code ?? "a signal"}${reason ? `: ${reason}` : ""}`),
        );
    });
  }

  override _read(): void {
    this.ssh.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.ssh.stdin.write(chunk)) done();
    else this.ssh.stdin.once("drain", () => done());
  }

  override _final(done: () => void): void {
    this.ssh.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.ssh.kill();
    done(error);
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  /** Node lets go of kept connections with `unref`, so that they do not keep the engine from ending. */
  ref(): this {
    for (const handle of this.handles()) handle.ref();
    return this;
  }

  unref(): this {
    for (const handle of this.handles()) handle.unref();
    return this;
  }

  private handles(): readonly (ChildProcessWithoutNullStreams | Socket)[] {
    // The pipes of a child process are sockets, which its types do not tell.
    const pipes = [this.ssh.stdin, this.ssh.stdout, this.ssh.stderr] as unknown as readonly Socket[];
    return [this.ssh, ...pipes];
  }
}
