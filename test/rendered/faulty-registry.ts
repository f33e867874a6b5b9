import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What is wrong with it. */
export type Fault = "nothing" | "open to all" | "flips a bit" | "sends uploads elsewhere";

/** Just enough of a registry to have one fault. `folder` has its cert.pem and key.pem; one user gets in. */
export async function faultyRegistry(
  fault: Fault,
  folder: string,
  authorization: string,
): Promise<{ readonly port: number; readonly server: Server }> {
  const stored = new Map<string, Buffer>();
  const tls = { cert: readFileSync(join(folder, "cert.pem")), key: readFileSync(join(folder, "key.pem")) };

  const server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const url = new URL(request.url ?? "", "https://registry.test");
      const last = url.pathname.split("/").at(-1) ?? "";
      const host = fault === "sends uploads elsewhere" ? "registry.test:1" : (request.headers.host ?? "");
      const upload = { location: `https://${host}${url.pathname}` };
      const answer = (status: number, headers: Record<string, string> = {}, content?: Buffer): void => {
        response.writeHead(status, headers).end(content);
      };

      if (request.headers.authorization !== authorization && fault !== "open to all") {
        answer(401, { "www-authenticate": "Basic realm=faulty" });
      } else if (url.pathname === "/v2/") {
        answer(200);
      } else if (request.method === "POST") {
        answer(202, { location: upload.location + randomUUID() });
      } else if (request.method === "PATCH") {
        stored.set(last, body);
        answer(202, upload);
      } else if (request.method === "PUT" && url.searchParams.has("digest")) {
        stored.set(url.searchParams.get("digest") ?? "", stored.get(last) ?? Buffer.of());
        answer(201);
      } else if (request.method === "PUT") {
        stored.set(last, body);
        answer(201, { "docker-content-digest": `sha256:${createHash("sha256").update(body).digest("hex")}` });
      } else if (request.method === "GET") {
        const content = Buffer.from(stored.get(last) ?? "");
        if (fault === "flips a bit" && content.length > 1_000_000)
          content[700_000] = (content[700_000] ?? 0) ^ 1;
        answer(200, {}, content);
      } else answer(405);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { port: (server.address() as AddressInfo).port, server };
}
