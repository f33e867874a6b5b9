import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run } from "./run";

/**
 * A program of a public Go module, built once and kept in the cache; or the reason why it cannot be.
 *
 * @param version exact, such as v0.12.5
 */
export async function goProgram(
  name: string,
  source: string,
  version: string,
): Promise<{ program: string } | { missing: string }> {
  const cache = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  const folder = path.join(cache, "private-registry");
  const program = path.join(folder, `${name}-${version}`);
  if (existsSync(program)) return { program };
  mkdirSync(folder, { recursive: true });
  const bin = path.join(folder, `${name}-${process.pid}`);
  try {
    const env = { GOBIN: bin, GOFLAGS: "-p=1", CGO_ENABLED: "0" };
    const built = await run("go", ["install", `${source}@${version}`], { env });
    if (built.code !== 0) return { missing: `${name} cannot be built: ${built.output.trim()}` };
    renameSync(path.join(bin, name), program);
    return { program };
  } catch (error) {
    return { missing: `${name} cannot be built: ${String(error)}` };
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}
