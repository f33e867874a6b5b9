import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as grpc from "@grpc/grpc-js";
import type * as empty from "google-protobuf/google/protobuf/empty_pb";
import type * as struct from "google-protobuf/google/protobuf/struct_pb";
import type * as alias from "@pulumi/pulumi/proto/alias_pb";
import type * as callback from "@pulumi/pulumi/proto/callback_pb";
import type * as callbackGrpc from "@pulumi/pulumi/proto/callback_grpc_pb";
import type * as engine from "@pulumi/pulumi/proto/engine_pb";
import type * as engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import type * as resourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb";
import { Fault } from "../values/fault";

/** The versions of @pulumi/pulumi this engine is tested with: from the first, before the second. */
export const testedVersions = { from: "3.248.0", before: "3.249.0" } as const;

/** The program's own @pulumi/pulumi: its messages, and the libraries those are bound to. */
export interface Sdk {
  readonly version: string;
  readonly directory: string;
  readonly grpc: typeof grpc;
  readonly empty: typeof empty;
  readonly struct: typeof struct;
  readonly alias: typeof alias;
  readonly callback: typeof callback;
  readonly engine: typeof engine;
  readonly provider: typeof provider;
  readonly resource: typeof resource;
  readonly CallbacksClient: typeof callbackGrpc.CallbacksClient;
  readonly engineService: typeof engineGrpc.EngineService;
  readonly monitorService: typeof resourceGrpc.ResourceMonitorService;
}

/** The folder of the SDK that the program in `programDirectory` uses. Fails where it has none. */
export function findSdk(programDirectory: string): string {
  try {
    return dirname(
      createRequire(join(programDirectory, "package.json")).resolve("@pulumi/pulumi/package.json"),
    );
  } catch (cause) {
    throw new Fault(
      `the program in ${programDirectory} has no @pulumi/pulumi; install its packages (npm ci) first`,
      { cause },
    );
  }
}

/** Loads the SDK. gRPC and protobuf come from its own folder too: its messages work only with these copies. */
export function loadSdk(directory: string): Sdk {
  const load = createRequire(join(directory, "package.json"));
  const { version } = load("./package.json") as { version: string };
  return {
    version,
    directory,
    grpc: load("@grpc/grpc-js") as typeof grpc,
    empty: load("google-protobuf/google/protobuf/empty_pb.js") as typeof empty,
    struct: load("google-protobuf/google/protobuf/struct_pb.js") as typeof struct,
    alias: load("./proto/alias_pb.js") as typeof alias,
    callback: load("./proto/callback_pb.js") as typeof callback,
    engine: load("./proto/engine_pb.js") as typeof engine,
    provider: load("./proto/provider_pb.js") as typeof provider,
    resource: load("./proto/resource_pb.js") as typeof resource,
    CallbacksClient: (load("./proto/callback_grpc_pb.js") as typeof callbackGrpc).CallbacksClient,
    engineService: (load("./proto/engine_grpc_pb.js") as typeof engineGrpc).EngineService,
    monitorService: (load("./proto/resource_grpc_pb.js") as typeof resourceGrpc).ResourceMonitorService,
  };
}

/** What to say about an SDK that was not tested with this engine; `undefined` for one that was. */
export function versionWarning(version: string): string | undefined {
  const { from, before } = testedVersions;
  if (compare(version, from) >= 0 && compare(version, before) < 0) return undefined;
  return (
    `the program uses @pulumi/pulumi ${version}; the embedded engine is tested with ` +
    `${from} up to, but not including, ${before}`
  );
}

function compare(left: string, right: string): number {
  const numbers = (version: string) => version.split(/[.+-]/, 3).map(Number);
  const [mine, other] = [numbers(left), numbers(right)];
  for (const position of [0, 1, 2]) {
    const difference = (mine[position] ?? 0) - (other[position] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
