import { gatewayLayout } from "./layout";

/**
 * How many passwords that a person chose are checked, right or wrong, a second. A check takes 13 ms (see htpasswd.ts):
 * all of them together take a quarter of one of nginx's event loops, whoever sends how many. Each limit leaves some of
 * the next for others: of one user from one address, of one address, of all.
 */
export const CHOSEN_CHECKS = { user: 8, address: 12, all: 20 } as const;

/**
 * What goes on at once. Who has logged in is limited in that only, never in requests a second: a build farm's honest
 * pulls are as many as a flood. What goes through the registry takes half a MiB of memory for as long as its reader
 * takes, and who has no user needs no reason to read slowly.
 */
const AT_ONCE = { address: 2000, proxied: 500, anonymousAddress: 200, anonymousProxied: 500 } as const;

/**
 * Limits by address that an office behind one address does not meet.
 *
 * @param chosen whether a person has chosen a password.
 */
export function limitMaps(chosen: boolean): string {
  return `# Answers to wrong passwords: by address and user, so that a mistake of one is not felt by others behind it.
map $http_authorization $mistaken {
    default "$binary_remote_addr $remote_user";
    ""      "";
}
${chosen ? chosenMaps : "# Nobody has chosen a password: nobody waits before a check."}
map $next $proxied_address {
    default  "";
    registry $binary_remote_addr;
}
map $next $proxied {
    default  "";
    registry all;
}
limit_conn_zone $binary_remote_addr zone=address:10m;
limit_conn_zone $proxied_address zone=proxied_address:10m;
limit_conn_zone $binary_remote_addr zone=anonymous_address:10m;
limit_conn_zone $proxied zone=anonymous_proxied:1m;
limit_req_zone  $mistaken zone=mistakes:10m rate=5r/s;
limit_conn_status 429;
limit_req_status  429;
# Whoever is refused is in the access log, with the reason: a flood need not fill another.
limit_conn_log_level info;
limit_req_log_level  info;`;
}

const chosenMaps = `# A password that a person chose can be guessed, and takes nginx 13 ms to check: these wait in line before the check, and
# where the line is long, they are refused.
map $remote_user $chosen_all {
    default "";
    include ${gatewayLayout.chosenFile};
}
map $chosen_all $chosen_address {
    default "";
    yes     $binary_remote_addr;
}
map $chosen_all $chosen_user {
    default "";
    yes     "$binary_remote_addr $remote_user";
}
limit_req_zone  $chosen_user zone=chosen_user:10m rate=${CHOSEN_CHECKS.user}r/s;
limit_req_zone  $chosen_address zone=chosen_address:10m rate=${CHOSEN_CHECKS.address}r/s;
limit_req_zone  $chosen_all zone=chosen_all:1m rate=${CHOSEN_CHECKS.all}r/s;`;

/** For the locations where people log in. A refusal counts in none of the zones. */
export function atTheDoor(chosen: boolean): string {
  return `limit_conn address ${AT_ONCE.address};
limit_conn proxied_address ${AT_ONCE.proxied};${chosen ? `\n${inLine}` : ""}`;
}

const inLine = `# As many wait as a docker pull or two send at once.
limit_req zone=chosen_user burst=20;
limit_req zone=chosen_address burst=40;
limit_req zone=chosen_all burst=60;`;

/** For the location where anybody comes in. */
export const atTheOpenDoor = `limit_conn anonymous_address ${AT_ONCE.anonymousAddress};
limit_conn anonymous_proxied ${AT_ONCE.anonymousProxied};`;

/** For the location that says no to a wrong password. */
export const forRefusals = `limit_req zone=mistakes burst=20;`;
