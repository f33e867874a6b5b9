import { forRefusals } from "./limits";

/** An error as the distribution API has it: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
function error(status: number, code: string, message: string): string {
  // With `detail: null` and another well-known message, docker tries again for 51 seconds.
  return `default_type application/json;
    add_header Docker-Distribution-Api-Version registry/2.0 always;
    return ${status} '{"errors":[{"code":"${code}","message":"${message}","detail":{}}]}\\n';`;
}

/**
 * `$shown_path`: the path, where it can stand in JSON. `$host_asked`: the name and port that the client asked for, or
 * ours where it does not say.
 */
export function answerMaps(hostname: string, port: number): string {
  return `map $request_uri $shown_path {
    default                                          "this path";
    "~^(?<plain_path>[A-Za-z0-9/._:@%+=~-]{1,512})(?:\\?|$)" $plain_path;
}
map $http_host $host_asked {
    default $http_host;
    ""      ${hostname}:${port};
}`;
}

/**
 * What nginx answers by itself, in the form that clients of a registry understand.
 *
 * @param elsewhere what to say to who may only pull at this address; undefined: at this one people log in.
 */
export function answerLocations(elsewhere?: string): string {
  const denied =
    elsewhere === undefined ? "user $user has no right to do this: $request_method $shown_path" : elsewhere;
  return `# auth_basic has set WWW-Authenticate already.
location @unauthorized {
    ${forRefusals.replaceAll("\n", "\n    ")}
    try_files "" @unauthorized_now;
}
location @unauthorized_now {
    ${error(401, "UNAUTHORIZED", "authentication required")}
}
location @denied {
    ${error(403, "DENIED", denied)}
}
location @unsupported {
    ${error(405, "UNSUPPORTED", "$request_method is not something this path can do")}
}
location @unknown {
    ${error(404, "UNSUPPORTED", "not a path of the registry API")}
}
location @too_many {
    add_header Retry-After 5 always;
    ${error(429, "TOOMANYREQUESTS", "too many requests from this address; try again in a few seconds")}
}
location @unavailable {
    add_header Retry-After 5 always;
    ${error(503, "UNAVAILABLE", "the registry behind this gateway does not answer")}
}
location @failed {
    ${error(500, "UNKNOWN", "the gateway could not answer this; its log says why")}
}
location @plain_http {
    default_type text/plain;
    return 400 "This port speaks TLS: use https://$host_asked/\\n";
}
# Not a named location: a request without a path cannot be sent to one.
location = /-/malformed {
    internal;
    ${error(400, "UNSUPPORTED", "not a request that this server can read: malformed, or too long")}
}

location /v1/ {
    ${error(404, "UNSUPPORTED", "this registry speaks version 2 of the API; a client that asks for /v1/ is too old (Docker before 1.6), or was not let in at /v2/")}
}
location = /v2 {
    return 301 /v2/;
}
location = /healthz {
    access_log off;
    default_type text/plain;
    return 200 "ok\\n";
}
location / {
    default_type text/plain;
    return 404 "This is a Docker registry: its API is at https://$host_asked/v2/\\n";
}`;
}
