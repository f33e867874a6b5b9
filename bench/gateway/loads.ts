import { execFile, execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** What one run of wrk said. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers that were not 2xx or 3xx, and connections that failed or broke. */
  readonly errors: number;
}

/** As many requests as go through 16 connections, each with one of `paths`. */
export async function requests(
  folder: string,
  url: string,
  paths: readonly string[],
  authorization: string | undefined,
  seconds: number,
): Promise<Load> {
  const script = path.join(folder, "wrk.lua");
  const list = path.join(folder, "wrk.paths");
  fs.writeFileSync(list, `${paths.join("\n")}\n`);
  fs.writeFileSync(
    script,
    `local paths = {}
for line in io.lines("${list}") do paths[#paths + 1] = line end
local at = 0
wrk.headers["Accept"] = "application/vnd.docker.distribution.manifest.v2+json"
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
${authorization === undefined ? "" : `wrk.headers["Authorization"] = "${authorization}"`}
`,
    { mode: 0o600 },
  );
  // A slow one must be waited for, or it counts as failed.
  const args = ["-t", "2", "-c", "16", "-d", `${seconds}s`, "--timeout", "30s", "-s", script, url];
  const output = await new Promise<string>((resolve, reject) => {
    execFile("wrk", args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`wrk ${url}: ${stdout}${stderr}`));
    });
  });
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const socket =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  const broken = socket.reduce((sum, text) => sum + Number(text), 0);
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    errors: broken + number(/Non-2xx or 3xx responses: (\d+)/),
  };
}

export interface CurlOptions {
  readonly ca: string;
  /** `name:password`. */
  readonly user?: string | undefined;
}

function curl({ ca, user }: CurlOptions, ...args: string[]): string {
  // The password goes by stdin.
  const config = user === undefined ? "" : `user = "${user}"\n`;
  return execFileSync(
    "curl",
    ["-sS", "--fail", "--connect-timeout", "2", "-K", "-", "--cacert", ca, ...args],
    {
      encoding: "utf8",
      input: config,
      stdio: "pipe",
    },
  );
}

/** Bytes a second of one download. */
export const pull = (url: string, options: CurlOptions) =>
  Number(curl(options, "-o", "/dev/null", "-w", "%{speed_download}", url));

/** Bytes a second of one upload in one piece. */
export function push(
  base: string,
  repository: string,
  file: string,
  digest: string,
  options: CurlOptions,
): number {
  const head = curl(
    options,
    "-D",
    "-",
    "-o",
    "/dev/null",
    "-X",
    "POST",
    `${base}/v2/${repository}/blobs/uploads/`,
  );
  const location = /^location: (\S+)/im.exec(head)?.[1] ?? "";
  const target = `${new URL(location, base).toString()}&digest=${digest}`;
  const type = ["-H", "Content-Type: application/octet-stream", "-H", "Expect:"];
  return Number(curl(options, "-T", file, ...type, "-o", "/dev/null", "-w", "%{speed_upload}", target));
}
