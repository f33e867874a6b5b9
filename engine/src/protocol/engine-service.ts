import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb";
import type { Severity } from "../deployment/events";
import type { Registrar } from "./registrar";
import type { Sdk } from "./sdk";

/** By the numbers of `LogSeverity` (`proto/pulumi/engine.proto`). */
const severities: readonly Severity[] = ["debug", "info", "warning", "error"];

/** The engine service: a program's log, and which resource is its root. */
export function engineService(sdk: Sdk, registrar: Registrar): UntypedServiceImplementation {
  let root = "";
  const log: handleUnaryCall<LogRequest, unknown> = ({ request }, answer) => {
    const severity = severities[request.getSeverity()] ?? "info";
    const urn = request.getUrn() === "" ? undefined : request.getUrn();
    registrar.log(severity, request.getMessage(), urn, request.getEphemeral());
    answer(null, new sdk.empty.Empty());
  };
  const setRootResource: handleUnaryCall<SetRootResourceRequest, unknown> = ({ request }, answer) => {
    root = request.getUrn();
    answer(null, new sdk.engine.SetRootResourceResponse());
  };
  const getRootResource: handleUnaryCall<unknown, unknown> = (_call, answer) =>
    answer(null, new sdk.engine.GetRootResourceResponse().setUrn(root));
  return { log, setRootResource, getRootResource };
}
