import { createHash, randomBytes } from "node:crypto";
import type { ClientRequest, IncomingMessage } from "node:http";
import * as https from "node:https";
import type { Outputs } from "./deployment";

/** An upload that goes on, a few kilobytes at a time, until it is told to end: through whatever happens meanwhile. */
export class SlowPush {
  private readonly hash = createHash("sha256");
  private readonly headers: Record<string, string>;
  private request?: ClientRequest;
  private answered?: Promise<IncomingMessage>;
  private timer?: NodeJS.Timeout;
  /** Still sending, and not answered. */
  running = false;

  constructor(
    private readonly outputs: Outputs,
    user: string,
    password: string,
  ) {
    this.headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  }

  async begin(repository: string): Promise<void> {
    const started = await answer(this.open("POST", `/v2/${repository}/blobs/uploads/`).end());
    started.resume();
    const request = this.open("PATCH", started.headers.location ?? "", {
      "content-type": "application/octet-stream",
    });
    this.request = request;
    this.running = true;
    this.answered = answer(request).finally(() => (this.running = false));
    // Judged when it is finished.
    this.answered.catch(() => undefined);
    this.timer = setInterval(() => {
      const bytes = randomBytes(4096);
      this.hash.update(bytes);
      request.write(bytes);
    }, 100);
  }

  /** Ends the upload; resolves with the status of the last answer. */
  async finish(): Promise<number> {
    clearInterval(this.timer);
    this.request?.end();
    const patched = await this.answered;
    patched?.resume();
    if (patched?.statusCode !== 202) return patched?.statusCode ?? 0;
    const location = new URL(patched.headers.location ?? "");
    location.searchParams.set("digest", `sha256:${this.hash.digest("hex")}`);
    const put = await answer(this.open("PUT", location.href, { "content-length": "0" }).end());
    put.resume();
    return put.statusCode ?? 0;
  }

  private open(method: string, target: string, headers: Record<string, string> = {}): ClientRequest {
    return https.request(new URL(target, this.outputs.url), {
      method,
      ca: this.outputs.caCertificate,
      headers: { ...this.headers, ...headers },
    });
  }
}

function answer(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve).once("error", reject);
  });
}
