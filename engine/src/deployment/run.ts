import type { DeploymentRequest, DeploymentSummary } from "./request";

/**
 * Runs the program (not for `destroy` and `refresh`) and brings the stack to what it declares.
 *
 * Faults of the program, a provider or a resource are told as diagnostic events and as `result: "failed"`;
 * an exception means that the run could not begin (state unreadable) or its state could not be saved.
 */
export declare function runDeployment(request: DeploymentRequest): Promise<DeploymentSummary>;
