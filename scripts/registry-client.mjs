// @ts-check
// HTTPS to a registry at a given address under its given name, trusting one CA and nothing else: neither this
// machine's store nor its /etc/hosts takes part.
import { Agent, request } from "node:https";
import { checkServerIdentity } from "node:tls";

/**
 * @typedef {object} Target
 * @property {string} hostname name the certificate must be for, as clients type it
 * @property {number} port
 * @property {string} [connect] address to connect to; default: what the name resolves to
 * @property {string} ca PEM; the only trust anchor
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {Buffer} body
 *
 * @typedef {object} Options
 * @property {string} [authorization]
 * @property {Record<string, string>} [headers]
 * @property {Buffer} [body]
 */

/** How long nothing may come from the other side, milliseconds. */
const SILENCE = 30_000;

export class RegistryClient {
  /** @param {Target} target */
  constructor(target) {
    this.target = target;
    this.authority = `${target.hostname}:${String(target.port)}`;
    this.agent = new Agent({ keepAlive: true });
  }

  /**
   * @param {string} method
   * @param {string} path with query; or an absolute URL, which must be of this registry
   * @param {Options} [options]
   * @returns {Promise<Answer>} rejects when there is no answer: no connection, no trust, silence
   */
  send(method, path, options = {}) {
    const { target, agent } = this;
    const isAddress = /^[\d.]+$|:/.test(target.hostname);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent,
          method,
          path: this.pathOf(path),
          host: target.connect ?? target.hostname,
          port: target.port,
          ca: target.ca,
          rejectUnauthorized: true,
          servername: isAddress ? "" : target.hostname,
          checkServerIdentity: (_connected, certificate) => checkServerIdentity(target.hostname, certificate),
          timeout: SILENCE,
          headers: {
            host: this.authority,
            "content-length": options.body?.length ?? 0,
            ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
            ...options.headers,
          },
        },
        (incoming) => {
          /** @type {Buffer[]} */
          const chunks = [];
          incoming.on("data", (chunk) => chunks.push(chunk));
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(chunks),
            }),
          );
          incoming.on("error", reject);
        },
      );
      outgoing.on("timeout", () =>
        outgoing.destroy(new Error(`silent for ${String(SILENCE / 1000)} seconds`)),
      );
      outgoing.on("error", reject);
      outgoing.end(options.body);
    });
  }

  /**
   * The path of an upload's Location. One with another name, port or scheme is what clients stumble over.
   * @param {string} location
   */
  pathOf(location) {
    if (location.startsWith("/")) return location;
    const url = new URL(location);
    if (url.origin !== new URL(`https://${this.authority}`).origin) {
      throw new Error(`it sends clients to ${url.origin} instead of https://${this.authority}`);
    }
    return url.pathname + url.search;
  }

  close() {
    this.agent.destroy();
  }
}

/** @param {string} user @param {string} password */
export function basic(user, password) {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
