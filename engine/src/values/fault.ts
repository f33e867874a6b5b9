/**
 * Something a person can put right: wrong input, a damaged file, a lock. The message says what is wrong, where, and
 * what to do; it is shown as it is, without a stack trace.
 */
export class Fault extends Error {
  constructor(
    message: string,
    readonly options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = "Fault";
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a failed system call (`ENOENT`), if that is what was thrown. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
