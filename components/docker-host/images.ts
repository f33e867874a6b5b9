import { execFile } from "node:child_process";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { runError } from "../run-error";
import type { Settings } from "../settings/settings";
import { childEnvironment } from "./docker-cli";

export type ImageName = "registry" | "gateway";

/** Image ids (`sha256:…`); unknown in the preview of a run that has yet to provide them. */
export type Images = Readonly<Record<ImageName, pulumi.Input<string>>>;

export interface ProvidedImages {
  readonly images: Images;
  /** The ids that are on the Docker host at this moment. */
  readonly found: Partial<Record<ImageName, string>>;
}

/**
 * The ids of both images. What is missing on the Docker host is pulled or built in an update and left unknown in a
 * preview. They are ids, not names: a tag that moved shows as a change.
 */
export async function provideImages(uri: string, settings: Settings["images"]): Promise<ProvidedImages> {
  const found: Partial<Record<ImageName, string>> = {};
  for (const name of ["registry", "gateway"] as const) {
    const environment = {
      IMAGE: name,
      MODE: settings.mode,
      REFERENCE: settings[name] ?? "",
      DOCKER_HOST: uri,
    };
    let id = await script("find.sh", environment);
    if (id === "" && !pulumi.runtime.isDryRun()) id = await script("provide.sh", environment);
    if (id !== "") found[name] = id;
  }
  return { found, images: { registry: idOrUnknown(found.registry), gateway: idOrUnknown(found.gateway) } };
}

function idOrUnknown(id: string | undefined): pulumi.Input<string> {
  return id ?? (pulumi.output(pulumi.unknown) as pulumi.Output<string>);
}

/** Runs a script of `images/`, its progress shown as it comes; resolves with the id it printed. */
function script(name: string, environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "sh",
      [path.join("images", name)],
      // A build says a lot.
      { env: childEnvironment(environment), maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(runError(lastWords(name, stderr) || `images/${name} failed: ${error.message}`));
      },
    );
    child.stderr?.pipe(process.stderr);
  });
}

/** What a script said last, which is why it failed; what it did before that has been shown already. */
function lastWords(script: string, stderr: string): string {
  return stderr.slice(Math.max(stderr.lastIndexOf(`\n${script}: `), 0)).trim();
}
