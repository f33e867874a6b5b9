import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { must, run } from "./run";

/**
 * Names that nobody else has, and everything that was made under them taken away again: call `remove` in `afterAll`,
 * which runs after failures, too. Containers, volumes and networks belong to it whose name begins with `name`.
 */
export class Sandbox {
  readonly name: string;
  private folders: string[] = [];

  constructor(room: string) {
    this.name = `regtest-${room}-${randomBytes(4).toString("hex")}`;
  }

  folder(): string {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${this.name}-`));
    this.folders.push(folder);
    return folder;
  }

  async volume(): Promise<string> {
    return must("docker", ["volume", "create", `${this.name}-${randomBytes(3).toString("hex")}`]);
  }

  async remove(): Promise<void> {
    const remove = async (list: string[], command: string[]) => {
      const found = await must("docker", [...list, "--filter", `name=${this.name}`]);
      if (found !== "") await run("docker", [...command, ...found.split("\n")]);
    };
    await remove(["ps", "--all", "--quiet"], ["rm", "--force", "--volumes"]);
    await remove(["volume", "ls", "--quiet"], ["volume", "rm", "--force"]);
    await remove(["network", "ls", "--quiet"], ["network", "rm"]);
    for (const folder of this.folders) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A port that is free on `address` at this moment. */
export async function freePort(address: string): Promise<number> {
  const server = net.createServer().listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
