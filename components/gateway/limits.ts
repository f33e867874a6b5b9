import { gatewayLayout } from "./layout";

/**
 * Limits by address that an office behind one address does not meet: whoever has logged in is limited in what goes on
 * at once, never in requests a second, for a build farm's honest pulls are as many as a flood.
 */
export function limitMaps(): string {
  return `# Answers to requests without a password.
map $http_authorization $stranger {
    default "";
    ""      $binary_remote_addr;
}
# Answers to wrong passwords: by address and user, so that a mistake of one is not felt by others behind it.
map $http_authorization $mistaken {
    default "$binary_remote_addr $remote_user";
    ""      "";
}
# A password that a person chose can be guessed, and takes nginx 50 ms to check: these wait in line before the check.
map $remote_user $has_chosen {
    default "";
    include ${gatewayLayout.chosenFile};
}
map "$server_port $has_chosen" $chosen {
    default                "";
    "${gatewayLayout.port} yes" "$binary_remote_addr $remote_user";
}
limit_conn_zone $binary_remote_addr zone=address:10m;
limit_req_zone  $stranger zone=strangers:10m rate=200r/s;
limit_req_zone  $mistaken zone=mistakes:10m rate=5r/s;
limit_req_zone  $chosen zone=chosen:10m rate=15r/s;
limit_conn_status 429;
limit_req_status  429;
limit_conn_log_level warn;
limit_req_log_level  warn;`;
}

/** For the locations where requests come in. */
export const atTheDoor = `limit_conn address 2000;
limit_req zone=chosen burst=1000;`;

/** For the location that says no: at these rates, and no more than this many waiting. */
export const forRefusals = `limit_req zone=strangers burst=2000 nodelay;
limit_req zone=mistakes burst=20;`;
