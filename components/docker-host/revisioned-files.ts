import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHost } from "./docker-host";

export interface RevisionedFilesArgs {
  readonly host: DockerHost;
  /** Name of the Docker volume that holds the files. */
  readonly volume: string;
  /** Text by file name. */
  readonly files: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  /** Name of the one file in which `@REVISION@` becomes the name of the revision. */
  readonly stamped?: string;
  /** `uid:gid` that the files belong to; nobody else reads them. */
  readonly owner: string;
  /** From {@link DockerHost.generations}. */
  readonly generation: string;
  /** Shell command that must accept the files before they count, run in their folder; it sees the gateway's image. */
  readonly check?: string;
}

/**
 * Files on the Docker host, in a volume of their own, 0600: `rev-…/` holds each revision, `current` is a link to
 * the one in use. A revision is checked, and then appears whole or not at all; the one before stays until the next.
 *
 * Whoever mounts the volume mounts the folder, never a file: a file mounted by itself keeps its old inode.
 */
export class RevisionedFiles extends pulumi.ComponentResource {
  readonly volume: pulumi.Output<string>;
  /** Name of the revision's folder: a digest of the files and the generation. Not secret. */
  readonly revision: pulumi.Output<string>;
  /** What to depend on for the files to be there. */
  readonly written: pulumi.Resource;

  constructor(name: string, args: RevisionedFilesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:docker-host:RevisionedFiles", name, {}, opts);
    const volume = new docker.Volume(`${name}-volume`, { name: args.volume }, { parent: this });
    const files = pulumi.secret(pulumi.output(args.files));
    // A digest over high-entropy secrets (keys, generated hashes) tells nothing about them.
    this.revision = pulumi.unsecret(files.apply((all) => `rev-${digest(all)}-${args.generation}`));
    const stdin = pulumi
      .all([files, this.revision])
      .apply(([all, revision]) => encode(all, revision, args.stamped));
    this.written = new command.local.Command(
      `${name}-revision`,
      {
        // No triggers: a change of theirs replaces, and a changed environment or stdin updates in place.
        create: "sh components/docker-host/write-files.sh",
        update: "sh components/docker-host/write-files.sh",
        stdin,
        environment: {
          DOCKER_HOST: args.host.uri,
          IMAGE: args.host.images.gateway,
          VOLUME: volume.name,
          REVISION: this.revision,
          GENERATION: args.generation,
          OWNER: args.owner,
          CHECK: args.check ?? "",
        },
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      // A secret stdin does not make stdout secret.
      {
        parent: this,
        additionalSecretOutputs: ["stdout", "stderr"],
        ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
      },
    );
    this.volume = volume.name;
    this.registerOutputs({ volume: this.volume, revision: this.revision });
  }
}

type Files = Readonly<Record<string, string>>;

function digest(files: Files): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name] ?? ""}\0`);
  return hash.digest("hex").slice(0, 16);
}

/** The lines write-files-inside.sh reads: a name, a blank, the text in base64; at the end a dot. */
function encode(files: Files, revision: string, stamped: string | undefined): string {
  const line = (name: string) => {
    const text = files[name] ?? "";
    const final = name === stamped ? text.replaceAll("@REVISION@", revision) : text;
    return `${name} ${Buffer.from(final).toString("base64")}\n`;
  };
  return `${Object.keys(files).sort().map(line).join("")}.\n`;
}
