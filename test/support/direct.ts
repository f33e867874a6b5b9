import * as http from "node:http";
import type { Answer, RequestOptions } from "./client";

/** Asks the registry itself, without TLS and without the gateway: what the gateway's answers are compared with. */
export class Direct {
  constructor(readonly address: string) {}

  request(path: string, { method = "GET", headers = {}, body }: RequestOptions = {}): Promise<Answer> {
    const [host = "", port = ""] = this.address.split(":");
    return new Promise((resolve, reject) => {
      const request = http.request({ host, port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const all = Buffer.concat(chunks);
          const text = all.toString();
          resolve({
            status: response.statusCode ?? 0,
            header: (name) =>
              response.rawHeaders.filter(
                (_, index) => index % 2 === 1 && response.rawHeaders[index - 1]?.toLowerCase() === name,
              ),
            body: all,
            text,
            json: () => JSON.parse(text) as unknown,
          });
        });
      });
      request.once("error", reject);
      if (body === undefined || Buffer.isBuffer(body)) request.end(body);
      else body.pipe(request);
    });
  }
}
