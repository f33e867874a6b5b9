import * as tls from "node:tls";
import type { ClientOptions } from "./client";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/**
 * Sends bytes as they are over one TLS connection, one request after the other, and reads what comes back: for
 * requests that no HTTP client would send. Connects again when the other side has closed.
 */
export class RawConnection {
  private socket: tls.TLSSocket | undefined;
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private session: Buffer | undefined;

  constructor(private readonly to: ClientOptions) {}

  /** Resolves with the final answer; undefined when the connection was closed without one, or nothing came. */
  async send(request: Buffer, method: string): Promise<RawAnswer | undefined> {
    const socket = (this.socket ??= await this.connect());
    // The answer to a request inside of the request may come late, and must not be taken for the next one's.
    const several = request.includes("HTTP/1.", request.indexOf("\r\n"));
    socket.write(request);
    const end = Date.now() + 1_500;
    for (;;) {
      const answer = this.parse(method, socket.destroyed || socket.readableEnded);
      if (answer !== undefined && answer.status >= 200) {
        // What is left belongs to no request of ours.
        if (several || this.received.length > 0 || /^connection: close/im.test(answer.head)) this.close();
        return answer;
      }
      if (socket.destroyed || socket.readableEnded || Date.now() > end) {
        this.close();
        return undefined;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 300);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.received = Buffer.alloc(0);
  }

  private connect(): Promise<tls.TLSSocket> {
    const { ip, port, hostname, ca } = this.to;
    this.received = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      const session = this.session === undefined ? {} : { session: this.session };
      const socket = tls.connect({ host: ip, port, servername: hostname, ca, ...session });
      socket.once("secureConnect", () => resolve(socket));
      socket.once("error", reject);
      socket.on("session", (ticket: Buffer) => (this.session = ticket));
      socket.on("data", (chunk: Buffer) => {
        if (this.socket === socket) this.received = Buffer.concat([this.received, chunk]);
        this.wake();
      });
      for (const event of ["end", "close", "error"]) socket.on(event, () => this.wake());
    });
  }

  /** Takes one answer out of what has been received, when it is there as a whole. */
  private parse(method: string, ended: boolean): RawAnswer | undefined {
    const at = this.received.indexOf("\r\n\r\n");
    if (at < 0) return undefined;
    const head = this.received.subarray(0, at).toString("latin1");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    const rest = this.received.subarray(at + 4);
    const take = (body: Buffer, used: number): RawAnswer => {
      this.received = rest.subarray(used);
      return { status, head, body };
    };
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) return take(Buffer.of(), 0);
    if (/^transfer-encoding: chunked/im.test(head)) {
      const [body, used] = dechunk(rest);
      return used < 0 ? undefined : take(body, used);
    }
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length === undefined) return ended ? take(rest, rest.length) : undefined;
    return rest.length < Number(length) ? undefined : take(rest.subarray(0, Number(length)), Number(length));
  }
}

/** The body and how many bytes it took; -1 when its end has yet to come. */
function dechunk(bytes: Buffer): [Buffer, number] {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    const size = line < 0 ? NaN : Number.parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (Number.isNaN(size) || bytes.length < line + 2 + size + 2) return [Buffer.of(), -1];
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
    if (size === 0) return [Buffer.concat(parts), at];
  }
}
