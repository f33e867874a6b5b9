import { Fault } from "../values/fault";

/** Exit codes of the CLI (`pkg/cmd/pulumi/cmd/exit_codes.go`, since 3.2xx; older ones answered 255 to everything). */
export const exitCodes = {
  success: 0,
  error: 1,
  /** A question that nobody is there to answer. */
  configuration: 2,
  stackNotFound: 6,
  /** `--expect-no-changes`, and there were some. */
  changes: 7,
  canceled: 8,
} as const;

/** Ends the program with a code of its own. Without a message: what there is to say has been said. */
export class Exit extends Fault {
  constructor(
    readonly code: number,
    message = "",
  ) {
    super(message);
    this.name = "Exit";
  }
}

/** A verb or flag of Pulumi that this engine does not have. */
export function notHere(what: string): Exit {
  return new Exit(exitCodes.error, `${what} is not in the embedded engine; install Pulumi`);
}

export function stackNotFound(name: string): Exit {
  return new Exit(exitCodes.stackNotFound, `no stack named '${name}' found`);
}
