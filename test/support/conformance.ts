import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { goProgram } from "./go-program";
import { run } from "./run";

/** No tags: https://github.com/opencontainers/distribution-spec/tree/main/conformance */
const VERSION = "v0.0.0-20260831232431-97274622c111";

/** The OCI's own conformance suite. */
export function conformance(): ReturnType<typeof goProgram> {
  return goProgram("conformance", "github.com/opencontainers/distribution-spec/conformance", VERSION);
}

export interface ConformanceTarget {
  readonly program: string;
  /** `host:port`. */
  readonly registry: string;
  /** Root of the repositories that are written to. */
  readonly repositories: string;
  /** Empty folder for what it reports. */
  readonly results: string;
  /** File with the only authority to trust; without it: plain HTTP. */
  readonly ca?: string;
  /** `name:password`. */
  readonly user?: string;
}

/** Runs the suite; resolves with the outcome (passed, failed, skipped) of each test by its name. */
export async function outcomes(target: ConformanceTarget): Promise<Map<string, string>> {
  const [name = "", password = ""] = target.user?.split(/:(.*)/s) ?? [];
  const result = await run(target.program, [], {
    env: {
      OCI_REGISTRY: target.registry,
      OCI_TLS: target.ca === undefined ? "disabled" : "enabled",
      OCI_REPO1: `${target.repositories}/repo1`,
      OCI_REPO2: `${target.repositories}/repo2`,
      OCI_USERNAME: name,
      OCI_PASSWORD: password,
      OCI_RESULTS_DIR: target.results,
      OCI_API_BLOBS_UPLOAD_CANCEL: "true",
      OCI_API_BLOBS_DIGEST_HEADER: "true",
      OCI_API_MANIFESTS_DIGEST_HEADER: "true",
      ...(target.ca === undefined ? {} : { SSL_CERT_FILE: target.ca }),
    },
  });
  const file = path.join(target.results, "junit.xml");
  if (!existsSync(file)) throw new Error(`no results: ${result.output.slice(-2000)}`);
  return parse(readFileSync(file, "utf8"));
}

/** JUnit's XML as the suite writes it: a self-closed test case, or one with a child that says how it went. */
function parse(xml: string): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const [, attributes = "", closed, inner = ""] of xml.matchAll(
    /<testcase ([^>]*?)(?:(\/)>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const called = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? "";
    // The same test is run on several kinds of content.
    const times = (seen.get(called) ?? 0) + 1;
    seen.set(called, times);
    const test = times === 1 ? called : `${called} (${times})`;
    const outcome = closed === "/" ? undefined : /<(failure|error|skipped)\b/.exec(inner)?.[1];
    found.set(test, outcome ?? "passed");
  }
  return found;
}
