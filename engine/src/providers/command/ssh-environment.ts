import type { Client } from "ssh2";

/** A variable for a remote command; one that is only `wanted` may be refused by the host. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly isRequired: boolean;
}

/** The parts of ssh2 1.17 that its interface does not show. */
interface Internals {
  readonly _protocol?: {
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
  readonly _chanMgr?: { readonly _channels: Readonly<Record<number, unknown>> };
}
interface InternalChannel {
  readonly outgoing: { readonly id: number };
  readonly _callbacks: ((refused: boolean | Error) => void)[];
}

/**
 * Has the host answer for each variable before the next command of `client` starts: ssh2 by itself sends variables
 * without asking, and a host without `AcceptEnv` for one drops it silently. A command that runs without a variable it
 * counts on does something else than was asked for, so `refused` decides whether it starts at all.
 *
 * @param refused called for each variable the host has refused; false: the command does not start
 */
export function sendBeforeExec(
  client: Client,
  variables: readonly Variable[],
  refused: (variable: Variable) => boolean,
): void {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  if (protocol === undefined || channels === undefined) {
    throw new Error("this version of ssh2 is not the one the embedded engine was made for");
  }
  const exec = protocol.exec.bind(protocol);
  protocol.exec = (id, command) => {
    const channel = Object.values(channels._channels).find(isChannel(id));
    const start = channel?._callbacks.pop();
    if (channel === undefined || start === undefined)
      throw new Error("ssh2: no channel to start a command in");
    let isWanted = true;
    let outstanding = variables.length;
    const begin = (): void => {
      channel._callbacks.push(start);
      exec(id, command, true);
    };
    if (outstanding === 0) begin();
    for (const variable of variables) {
      channel._callbacks.push((answer) => {
        if (answer !== false) isWanted = refused(variable) && isWanted;
        if (--outstanding > 0) return;
        if (isWanted) begin();
        else start(new Error("a variable was refused"));
      });
      protocol.env(id, variable.name, variable.value, true);
    }
  };
}

const isChannel =
  (id: number) =>
  (channel: unknown): channel is InternalChannel =>
    typeof channel === "object" &&
    channel !== null &&
    "outgoing" in channel &&
    "_callbacks" in channel &&
    (channel as InternalChannel).outgoing.id === id;
