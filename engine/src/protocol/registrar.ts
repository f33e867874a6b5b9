import type { Goal, ReadGoal, Registered } from "../deployment/goal";
import type { Severity } from "../deployment/events";
import type { InvokeResult } from "../providers/provider";
import type { Urn } from "../state/resource";
import type { PropertyMap } from "../values/value";

/** A function call of the program. */
export interface Invocation {
  readonly token: string;
  readonly args: PropertyMap;
  /** `URN::ID`; empty: the package's default provider. */
  readonly provider: string;
  readonly version: string;
}

/**
 * What a running program talks to. A promise that belongs to a run which has failed or was cancelled never
 * settles: an error would make the program print noise, and it is interrupted anyway.
 */
export interface Registrar {
  register(goal: Goal): Promise<Registered>;
  read(goal: ReadGoal): Promise<Registered>;
  registerOutputs(urn: Urn, outputs: PropertyMap): Promise<void>;
  /** Rejects where the function fails: the program may handle that. */
  invoke(invocation: Invocation): Promise<InvokeResult>;
  /** The reference of a package's default provider, made on first use. */
  defaultProvider(packageName: string, version: string): Promise<string>;
  /** The program has told everything; resolves when the run is over. */
  programDone(): Promise<void>;
  log(severity: Severity, message: string, urn: Urn | undefined, ephemeral: boolean): void;
  /** Ends the run: the program asked for something that cannot be done. */
  fail(error: unknown, urn?: Urn): Promise<never>;
}
