import { setTimeout as sleep } from "node:timers/promises";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { messageOf } from "../../values/fault";
import type { PropertyMap } from "../../values/value";
import { ssh2 } from "../lazily";
import type { OperationContext } from "../provider";
import { endpoints, type Endpoint } from "./ssh-settings";

/** Between two attempts, in milliseconds: each time half as much again. Source: Pulumi's `retry/until.go`. */
const DELAY = { first: 100, factor: 1.5, longest: 5000 };

/** A login that stands, through the bastion if there is one. */
export interface Dialled {
  readonly client: Client;
  /** Ends the login and the one to the bastion. */
  close(): void;
}

/**
 * Logs in to `connection`, attempt after attempt until `dialErrorLimit` of them have failed: a machine that has just
 * been started answers late. A host key that is not the expected one ends it at once.
 */
export async function dial(inputs: PropertyMap, context: OperationContext): Promise<Dialled> {
  const { host, proxy } = endpoints(inputs);
  if (proxy === undefined) {
    const client = await retried("Dial", host, context, () => logIn(host, context.signal));
    return { client, close: () => client.destroy() };
  }
  const bastion = await retried("Dial proxy", proxy, context, () => logIn(proxy, context.signal)).catch(
    (error: unknown) => {
      throw new Error(`proxy: ${messageOf(error)}`, { cause: error });
    },
  );
  try {
    const client = await retried("Dial from proxy", host, context, async () =>
      logIn(host, context.signal, await forward(bastion, host)),
    );
    const close = (): void => {
      client.destroy();
      bastion.destroy();
    };
    return { client, close };
  } catch (error) {
    bastion.destroy();
    throw error;
  }
}

/** No further attempt would help. */
class Hopeless extends Error {}

async function retried<Result>(
  what: string,
  { dialErrorLimit }: Endpoint,
  context: OperationContext,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const { signal } = context;
  let delay = DELAY.first;
  for (let failures = 1; ; failures++) {
    try {
      signal.throwIfAborted();
      return await attempt();
    } catch (error) {
      if (signal.aborted || error instanceof Hopeless) throw error;
      if (dialErrorLimit >= 0 && failures > dialErrorLimit) {
        throw new Error(`after ${failures} failed attempts: ${messageOf(error)}`, { cause: error });
      }
      const limit = dialErrorLimit < 0 ? "inf" : String(dialErrorLimit);
      context.log("info", `${what} ${failures}/${limit} failed: retrying: ${messageOf(error)}`);
    }
    await sleep(delay, undefined, { signal });
    delay = Math.min(delay * DELAY.factor, DELAY.longest);
  }
}

/** One attempt, within `perDialTimeout`. `socket`: the way there, where it is not straight. */
function logIn({ host, port, login }: Endpoint, signal: AbortSignal, socket?: Duplex): Promise<Client> {
  const client = new (ssh2().Client)();
  return new Promise((resolve, reject) => {
    let isWrongHost = false;
    const fail = (error: unknown): void => {
      client.destroy();
      const where = `SSH ${login.username ?? ""}@${host}:${port}`;
      reject(
        isWrongHost
          ? new Hopeless(`${where}: the host key is not the one of connection.hostKey`, { cause: error })
          : new Error(`${where}: ${messageOf(error)}`, { cause: error }),
      );
    };
    const abort = (): void => {
      fail(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    client.once("close", () => {
      signal.removeEventListener("abort", abort);
      fail(new Error("the connection was closed"));
    });
    client.on("error", fail);
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) => {
      finish(prompts.map(() => login.password ?? ""));
    });
    client.once("ready", () => {
      signal.removeEventListener("abort", abort);
      resolve(client);
    });
    const { hostVerifier } = login;
    client.connect({
      ...login,
      host,
      port,
      ...(socket === undefined ? {} : { sock: socket }),
      ...(hostVerifier === undefined
        ? {}
        : {
            hostVerifier: (key: Buffer): boolean => {
              isWrongHost = !(hostVerifier as (key: Buffer) => boolean)(key);
              return !isWrongHost;
            },
          }),
    });
  });
}

/** A stream from the bastion to the host. */
function forward(bastion: Client, { host, port }: Endpoint): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, stream) => {
      if (error === undefined) resolve(stream);
      else reject(error);
    });
  });
}
