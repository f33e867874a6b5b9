import * as https from "node:https";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { TLSSocket, type SecureVersion } from "node:tls";

export interface ClientOptions {
  /** Where the port is; the name below need not resolve. */
  readonly ip: string;
  readonly port: number;
  readonly hostname: string;
  /** PEM: the only authority that is trusted. */
  readonly ca: string;
}

export interface RequestOptions {
  readonly method?: string;
  /** `name:password`. */
  readonly user?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream goes in chunks, without a length. */
  readonly body?: Buffer | Readable;
  readonly version?: SecureVersion;
}

export interface Answer {
  readonly status: number;
  /** Every line of a header by that name, in lower case: what came twice is there twice. */
  readonly header: (name: string) => string[];
  readonly body: Buffer;
  readonly text: string;
  json(): unknown;
}

/** A real TLS client that knows one authority, and checks the name. */
export class Client {
  constructor(readonly options: ClientOptions) {}

  get address(): string {
    return `${this.options.hostname}:${this.options.port}`;
  }

  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.open(path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    if (!response.complete) throw new Error(`${path}: the answer was cut`);
    const body = Buffer.concat(chunks);
    const header = (name: string) =>
      response.rawHeaders.filter(
        (_, index) => index % 2 === 1 && response.rawHeaders[index - 1]?.toLowerCase() === name,
      );
    const text = body.toString();
    return { status: response.statusCode ?? 0, header, body, text, json: () => JSON.parse(text) as unknown };
  }

  /** As `request`; the body is left to the caller to read, as fast or as slowly as it likes. */
  open(
    path: string,
    { method = "GET", user, headers = {}, body, version }: RequestOptions = {},
  ): Promise<IncomingMessage> {
    const { ip, port, hostname, ca } = this.options;
    return new Promise((resolve, reject) => {
      const request = https.request({
        host: ip,
        port,
        servername: hostname,
        ca,
        path,
        method,
        agent: false,
        ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
        ...(user === undefined ? {} : { auth: user }),
        headers: { Host: this.address, ...headers },
      });
      request.once("response", resolve);
      request.once("error", reject);
      if (body === undefined || Buffer.isBuffer(body)) request.end(body);
      else body.pipe(request);
    });
  }

  /** The version of TLS that was agreed on. */
  async protocol(version?: SecureVersion): Promise<string | null> {
    const response = await this.open("/healthz", version === undefined ? {} : { version });
    response.resume();
    return response.socket instanceof TLSSocket ? response.socket.getProtocol() : null;
  }
}
