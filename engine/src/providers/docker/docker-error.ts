/** What Docker's API says when it refuses: the status and its sentence. */
interface ApiError {
  readonly statusCode?: number;
  readonly reason?: string;
  readonly json?: { readonly message?: string };
  readonly message: string;
  readonly code?: string;
}

const asApiError = (error: unknown): ApiError =>
  error instanceof Error ? error : { message: String(error) };

/** Docker's own sentence, without the client library's wrapping. */
export function dockerMessage(error: unknown): string {
  const { json, message } = asApiError(error);
  return json?.message ?? message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}

export const isNotFound = (error: unknown): boolean => asApiError(error).statusCode === 404;
/** 304: it is so already. */
export const isNotModified = (error: unknown): boolean => asApiError(error).statusCode === 304;

/** An error in a sentence that names what could not be done and why; `cause` keeps the original. */
export function explained(what: string, error: unknown): Error {
  const { code } = asApiError(error);
  const reason =
    code === "ENOENT" || code === "ECONNREFUSED"
      ? `Docker does not answer (${asApiError(error).message})`
      : code === "EACCES"
        ? `this user may not talk to Docker (${asApiError(error).message})`
        : sentence(dockerMessage(error));
  return new Error(`${what}: ${reason}.`, { cause: error });
}

/** What Docker says, put so that a person knows what to do. */
function sentence(message: string): string {
  const allocated = /Bind for ([\d.[\]:a-f]+):(\d+) failed: port is already allocated/i.exec(message);
  if (allocated)
    return `host port ${allocated[2] ?? ""} on ${allocated[1] ?? ""} is taken by another container`;
  const listening = /listen (tcp|udp)\d? ([\d.[\]:a-f]+):(\d+): bind: address already in use/i.exec(message);
  if (listening)
    return `host port ${listening[3] ?? ""} on ${listening[2] ?? ""} is taken by another program`;
  const unassigned = /listen (tcp|udp)\d? ([\d.[\]:a-f]+):(\d+): bind: cannot assign requested address/i.exec(
    message,
  );
  if (unassigned) return `the Docker host has no address ${unassigned[2] ?? ""}`;
  const conflict = /The container name "\/?([^"]+)" is already in use by container "([0-9a-f]{12})/i.exec(
    message,
  );
  if (conflict) return `the name ${conflict[1] ?? ""} is taken by container ${conflict[2] ?? ""}`;
  return message.replace(/\.$/, "");
}
