import os from "node:os";
import path from "node:path";

import { Fault } from "../values/fault";

const SCHEME = "file://";

/**
 * The folder a `file://` backend URL names, absolute, as the CLI resolves it (`massageBlobPath` in
 * `pkg/backend/diy/backend.go`): `file://~` is the home folder, a relative path starts at `cwd`, a query is ignored.
 *
 * @param source where the URL was found, for the message when it is not a `file://` URL
 */
export function backendFolder(url: string, source: string, cwd: string): string {
  if (!url.startsWith(SCHEME)) {
    throw new Fault(
      `the backend "${url}" (${source}) is not in the embedded engine, which keeps state in files only; ` +
        `install Pulumi, or set PULUMI_BACKEND_URL=file://FOLDER`,
    );
  }
  const [text = ""] = url.slice(SCHEME.length).split("?");
  if (text.startsWith("~")) return text === "~" ? os.homedir() : path.join(os.homedir(), text.slice(2));
  return path.resolve(cwd, text);
}
