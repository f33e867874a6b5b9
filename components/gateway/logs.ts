import { gatewayLayout } from "./layout";

/** The beginning of a line of either format. */
const asked = (path: string) =>
  `'{"time":"$time_iso8601","address":"$remote_addr","user":"$log_user","method":"$request_method",'
    '"path":"${path}","repository":"$repository","status":$status,"sent":$bytes_sent,'`;

/**
 * One line of JSON a request, without the query string: it carries the state of uploads. A blob from disk, of which
 * there may be twenty thousand a second, has a shorter one, without the fields that have nothing to say of it.
 */
export const logMaps = `log_format json escape=json
    ${asked("$log_path")}
    '"received":$request_length,"seconds":$request_time,"way":"$way","why":"$log_why",'
    '"upstream":"$upstream_status","agent":"$http_user_agent"}';
log_format disk escape=json
    ${asked("$request_uri")}
    '"seconds":$request_time,"way":"disk","agent":"$http_user_agent"}';
map $request_uri $log_path {
    "~^(?<path>[^?]*)" $path;
}
# Set where a request goes; what breaks before that has these. A variable without a value would be a line of error.
map "" $way {
    default gateway;
}
map "" $disk_why {
    default "no data on disk";
}
# Why nginx refused; or why a blob did not come from disk, where it was to come from in the first place.
map $way $log_why {
    disk     "";
    registry $log_why_registry;
    gateway  $log_why_gateway;
}
map $blob_way $log_why_registry {
    registry $blob_why;
    disk     $disk_why;
}
map $status $log_why_gateway {
    default  "";
    401      $log_why_401;
    429      "too many requests";
    "~^4"    $verdict;
}
map $http_authorization $log_why_401 {
    default "wrong user or password";
    ""      "not logged in";
}
map $server_port $log_user {
    default "";
    ${gatewayLayout.port}    $remote_user;
}
# As many lines at once as a pipe takes in one piece: a write for each costs as much as sending a small blob.
${accessLog("json")}`;

/** For a location whose requests have lines of this format. */
export function accessLog(format: "json" | "disk"): string {
  return `access_log /dev/stdout ${format} buffer=4k flush=1s;`;
}
