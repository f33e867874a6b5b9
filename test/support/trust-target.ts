import { once } from "node:events";
import * as https from "node:https";
import type * as net from "node:net";
import * as tls from "node:tls";
import { bridgeAddress } from "../../components/docker-host/bridge";
import { issue, type Issued } from "./certificates";

/**
 * What hosts are to trust: a TLS server on Docker's bridge that answers as a registry does to a stranger. Its CA can
 * be changed while it runs.
 */
export class TrustTarget {
  readonly hostname = "registry.example.com";
  ca: Issued;
  private readonly server: https.Server;

  private constructor(readonly ip: string) {
    this.ca = TrustTarget.authority();
    this.server = https.createServer(this.certificate(), (request, response) => {
      response.writeHead(request.url === "/v2/" ? 401 : 404).end();
    });
  }

  static authority(): Issued {
    return issue({ commonName: "Test CA", ca: true });
  }

  static async start(): Promise<TrustTarget> {
    const target = new TrustTarget(await bridgeAddress("unix:///var/run/docker.sock"));
    target.server.listen(0, target.ip);
    await once(target.server, "listening");
    return target;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  get registry(): string {
    return `${this.hostname}:${this.port}`;
  }

  /** Shows a certificate of `ca` from now on. */
  show(ca: Issued): void {
    this.ca = ca;
    this.server.setSecureContext(this.certificate());
  }

  /** SHA-256 of the certificate that it shows. */
  async fingerprint(): Promise<string> {
    const socket = tls.connect({ host: this.ip, port: this.port, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256.replaceAll(":", "").toLowerCase();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private certificate(): { cert: string; key: string } {
    const { certificate, key } = issue({
      commonName: this.hostname,
      issuer: this.ca,
      names: [this.hostname],
    });
    return { cert: certificate, key };
  }
}
