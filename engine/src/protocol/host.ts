import { engineService } from "./engine-service";
import { ResourceMonitor } from "./monitor";
import type { ProgramAddresses } from "./program";
import type { Registrar } from "./registrar";
import type { Sdk } from "./sdk";

/** Large enough for any resource; the CLI's own limit (400 MiB). */
const maxMessageBytes = 400 * 1024 * 1024;

export interface Host {
  readonly addresses: ProgramAddresses;
  /** Closes the servers; calls still open are broken off. */
  close(): void;
}

/** Serves the program's calls on the loopback address. */
export async function startHost(sdk: Sdk, registrar: Registrar): Promise<Host> {
  const server = new sdk.grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(sdk.monitorService, new ResourceMonitor(sdk, registrar).implementation());
  server.addService(sdk.engineService, engineService(sdk, registrar));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", sdk.grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const address = `127.0.0.1:${port}`;
  return { addresses: { monitor: address, engine: address }, close: () => server.forceShutdown() };
}
