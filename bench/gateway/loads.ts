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

/**
 * As long as `seconds`, with Go's HTTP client, which is docker's, too: it sends a request again when a connection that
 * waited for one was closed before the answer began. wrk does not.
 */
export async function asGo(
  url: string,
  seconds: number,
  authorization: string,
): Promise<{ requests: number; errors: number }> {
  const args = ["-z", `${seconds}s`, "-c", "16", "-H", `Authorization: ${authorization}`, url];
  const output = await new Promise<string>((resolve, reject) => {
    execFile("hey", args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`hey ${url}: ${stdout}${stderr}`));
    });
  });
  const answers = [...output.matchAll(/^\s+\[(\d{3})\]\s+(\d+) responses/gm)];
  const failures = [...output.matchAll(/^\s+\[(\d+)\]\s+(?!\d+ responses|\|).*\S/gm)];
  const sum = (found: RegExpMatchArray[], at: number) =>
    found.reduce((total, match) => total + Number(match[at]), 0);
  return {
    requests: sum(answers, 2),
    errors:
      sum(
        answers.filter(([, status]) => status !== "200"),
        2,
      ) + sum(failures, 1),
  };
}

export interface CurlOptions {
  readonly ca: string;
  /** `name:password`. */
  readonly user?: string | undefined;
}

function curlArgs({ ca }: CurlOptions, args: readonly string[]): string[] {
  return ["-sS", "--fail", "--connect-timeout", "2", "-K", "-", "--cacert", ca, ...args];
}

/** The password goes by stdin. */
const curlInput = ({ user }: CurlOptions) => (user === undefined ? "" : `user = "${user}"\n`);

function curl(options: CurlOptions, ...args: string[]): string {
  const input = curlInput(options);
  return execFileSync("curl", curlArgs(options, args), { encoding: "utf8", input, stdio: "pipe" });
}

/** As `curl`, beside other things. */
function curlMeanwhile(options: CurlOptions, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("curl", curlArgs(options, args), (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`curl ${args.join(" ")}: ${stderr}`));
    });
    child.stdin?.end(curlInput(options));
  });
}

/** So slowly that a big blob takes several reloads. */
const SLOWLY = ["--limit-rate", "64M"];

/** One download, slowly; fails unless every byte came. */
export const pullSlowly = (url: string, options: CurlOptions) =>
  curlMeanwhile(options, ...SLOWLY, "-o", "/dev/null", url);

/** One upload in one piece, slowly; the registry checks the digest. */
export async function pushSlowly(
  base: string,
  repository: string,
  file: string,
  digest: string,
  options: CurlOptions,
): Promise<void> {
  const target = uploadTarget(await curlMeanwhile(options, ...begin(base, repository)), base, digest);
  await curlMeanwhile(options, ...SLOWLY, "-T", file, ...UPLOAD, "-o", "/dev/null", target);
}

/** Bytes a second of one download. */
export const pull = (url: string, options: CurlOptions) =>
  Number(curl(options, "-o", "/dev/null", "-w", "%{speed_download}", url));

const UPLOAD = ["-H", "Content-Type: application/octet-stream", "-H", "Expect:"];

/** Asks for a place to upload to; the answer's head has it. */
const begin = (base: string, repository: string) => [
  ...["-D", "-", "-o", "/dev/null", "-X", "POST", `${base}/v2/${repository}/blobs/uploads/`],
];

function uploadTarget(head: string, base: string, digest: string): string {
  const location = /^location: (\S+)/im.exec(head)?.[1] ?? "";
  return `${new URL(location, base).toString()}&digest=${digest}`;
}

/** Bytes a second of one upload in one piece. */
export function push(
  base: string,
  repository: string,
  file: string,
  digest: string,
  options: CurlOptions,
): number {
  const target = uploadTarget(curl(options, ...begin(base, repository)), base, digest);
  return Number(curl(options, "-T", file, ...UPLOAD, "-o", "/dev/null", "-w", "%{speed_upload}", target));
}
