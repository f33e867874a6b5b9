import * as net from "node:net";
import { docker } from "./docker-cli";

export interface PortQuestion {
  readonly uri: string;
  readonly bindAddress: string;
  /** The setting the port is from. */
  readonly setting: string;
  readonly port: number;
  /** Name of our own gateway container: what it holds is ours. */
  readonly gateway: string;
}

/**
 * Who else holds the port, as a sentence; `undefined` where it is free or ours. On another machine only
 * containers can be seen.
 */
export async function portFault({
  uri,
  bindAddress,
  setting,
  port,
  gateway,
}: PortQuestion): Promise<string | undefined> {
  const all = await containersOn(uri, bindAddress, port);
  const holders = all.filter((name) => name !== gateway);
  const where = `private-registry:${setting} ${port} on ${bindAddress}`;
  const advice = `free it, or take another, such as ${port === 65535 ? 8000 : port + 1}`;
  if (holders.length > 0) return `${where} is taken by the container ${holders.join(", ")}; ${advice}`;
  if (all.includes(gateway) || !uri.startsWith("unix://")) return undefined;
  const code = await tryListening(bindAddress, port);
  // Docker may use a port below 1024, even if we may not.
  if (code === undefined || code === "EACCES") return undefined;
  if (code === "EADDRNOTAVAIL")
    return `private-registry:bindAddress ${bindAddress} is not an address of this machine`;
  return `${where} is taken by another program (${code}); ${advice}`;
}

async function containersOn(uri: string, address: string, port: number): Promise<string[]> {
  const lines = await docker(uri, "ps", "--filter", `publish=${port}`, "--format", "{{.Names}}\t{{.Ports}}");
  return lines
    .split("\n")
    .map((line) => line.split("\t") as [string, string | undefined])
    .filter(([, ports]) => ports?.split(", ").some((mapping) => overlaps(mapping, address, port)))
    .map(([name]) => name);
}

/** `mapping` is Docker's `172.17.0.1:8000->8443/tcp` or `:::8000-8002->80-82/tcp`; all overlap with 0.0.0.0. */
function overlaps(mapping: string, address: string, port: number): boolean {
  const published = /^(.*):(\d+)(?:-(\d+))?->.*\/tcp$/.exec(mapping);
  if (published === null) return false;
  const first = Number(published[2]);
  const last = Number(published[3] ?? first);
  if (port < first || port > last) return false;
  const any = ["0.0.0.0", "::", "[::]"];
  const other = published[1] ?? "";
  return other === address || any.includes(other) || any.includes(address);
}

function tryListening(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
}
