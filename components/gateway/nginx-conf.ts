import { answerLocations, answerMaps } from "./answers";
import { blobLocation, blobMaps, linkCheck } from "./blobs";
import { gatewayLayout } from "./layout";
import { atTheDoor, atTheOpenDoor, limitMaps } from "./limits";
import { logMaps } from "./logs";
import { metricsLocations, metricsMap } from "./metrics";
import { registryLocation } from "./proxy";
import { rightsMaps } from "./rights";

export interface NginxConfInput {
  /** Name clients use. */
  readonly hostname: string;
  /** Port clients use: said to who may not push where they are. */
  readonly port: number;
  /** Whether there is a second address, for pulling without a user. */
  readonly anonymous: boolean;
  /** Whether a person has chosen a password. */
  readonly chosen: boolean;
  /** `host:port` of the registry on the private network. */
  readonly upstream: string;
  /** `host:port` of the registry's metrics on the private network. */
  readonly metrics: string;
  /** Why nginx cannot read the storage, in a few words; undefined when it can. */
  readonly closed?: string | undefined;
}

/**
 * `nginx.conf` of the gateway. `@REVISION@` stands for the revision it becomes part of.
 *
 * The reason for each setting stands beside it in the file, so that it can be read on the host, too. Inputs are
 * checked where the settings are read: a host name cannot end a directive.
 */
export function renderNginxConf(input: NginxConfInput): string {
  return `# Written by Pulumi: changes made here are undone by the next \`make up\`.
worker_processes auto;
# Two a connection; more than the engine's own limit is refused with an alert.
worker_rlimit_nofile 16384;
pid ${gatewayLayout.run}/nginx.pid;
error_log stderr warn;
pcre_jit on;

events {
    worker_connections 8192;
}

http {
    default_type application/octet-stream;
    server_tokens off;
    # Redirects without host and port: the port in here is not the one clients use.
    absolute_redirect off;
    sendfile on;
    tcp_nopush on;

    # A repository's name has up to 255 characters.
    map_hash_bucket_size 1024;
    map_hash_max_size 8192;
    variables_hash_max_size 2048;

    # The root file system is read-only. Nothing big is ever written here: buffering is off.
    client_body_temp_path ${gatewayLayout.run}/client-body;
    proxy_temp_path       ${gatewayLayout.run}/proxy;
    fastcgi_temp_path     ${gatewayLayout.run}/fastcgi;
    uwsgi_temp_path       ${gatewayLayout.run}/uwsgi;
    scgi_temp_path        ${gatewayLayout.run}/scgi;

    # Docker's own DNS. Together with a variable in proxy_pass: the registry is found again after its container,
    # and so its address, has changed.
    resolver 127.0.0.11 valid=1s ipv6=off;
    resolver_timeout 5s;

    ${indented(1, answerMaps(input.hostname, input.port))}

    ${indented(1, logMaps)}

    ${indented(1, passwordMaps)}

    ${indented(1, rightsMaps(input.anonymous))}

    # Where a request goes: to a location below. A verdict without one is an error of ours, and lets nobody in.
    map "$verdict $blob_way" $next {
        default       $verdict;
        "pass disk"     disk;
        "pass registry" registry;
    }

    ${indented(1, blobMaps(input.closed))}

    ${indented(1, limitMaps(input.chosen))}

    ${indented(1, metricsMap)}

    ${indented(1, frontDoor(input))}
${input.anonymous ? `\n    ${indented(1, anonymousDoor(input))}\n` : ""}
    server {
        listen 127.0.0.1:${gatewayLayout.statusPort};
        access_log off;
        default_type text/plain;

        location = /healthz {
            return 200 "ok\\n";
        }
        location = /revision {
            return 200 "@REVISION@\\n";
        }
        location = /ready {
            set $registry ${input.upstream};
            proxy_pass http://$registry/v2/;
            proxy_connect_timeout 2s;
            proxy_read_timeout 5s;
        }
    }
}
`;
}

/** Unlike a rewrite, after authentication. */
const whereNext = `# The empty name is a file that never is one: what counts is the last. Looked at once a minute.
root ${gatewayLayout.run};
open_file_cache max=16 inactive=1h;
try_files "" @$next;`;

/**
 * `$realm`: that a password is asked for, unless the header is, to the letter, the one that a generated password makes.
 * The users file says the same of it, and has the last word on every other header; but nginx opens and reads that file
 * anew with each request, which costs as much as to send a small blob.
 */
const passwordMaps = `# What the MD5 of a user's Authorization header is, where the password was generated.
map $remote_user $verifier {
    default "";
    include ${gatewayLayout.verifiersFile};
}
map $secure_link $realm {
    default "Docker registry";
    1       off;
}`;

/** Where people log in. */
function frontDoor(input: NginxConfInput): string {
  const authentication = `secure_link $verifier;
secure_link_md5 $http_authorization;
auth_basic $realm;
auth_basic_user_file ${gatewayLayout.usersFile};
# A wrong password is in the access log, with user and address; here it would be an error of nginx's.
error_log stderr crit;`;
  return `server {
    listen ${gatewayLayout.port} ssl default_server;
    ${indented(1, serverHead(input))}

    # First who it is, then what they may.
    location /v2/ {
        ${indented(2, authentication)}
        ${indented(2, atTheDoor(input.chosen))}
        ${indented(2, whereNext)}
    }
    location = /metrics {
        ${indented(2, authentication)}
        ${indented(2, atTheDoor(input.chosen))}
        try_files "" @$metrics_next;
    }

    ${indented(1, blobLocation())}
    ${indented(1, registryLocation(input.upstream))}
    ${indented(1, metricsLocations(input.metrics, input.closed))}
    ${indented(1, answerLocations())}
}`;
}

/** Where anybody may pull, and nobody more than that. */
function anonymousDoor(input: NginxConfInput): string {
  const elsewhere = `this address is for pulling only: log in to ${input.hostname}:${input.port} for anything else`;
  return `server {
    listen ${gatewayLayout.anonymousPort} ssl default_server;
    ${indented(1, serverHead(input))}

    location /v2/ {
        ${indented(2, atTheOpenDoor)}
        ${indented(2, whereNext)}
    }

    ${indented(1, blobLocation())}
    ${indented(1, registryLocation(input.upstream))}
    ${indented(1, answerLocations(elsewhere))}
}`;
}

/** TLS, sizes, times: the same at both addresses. */
function serverHead({ hostname, closed }: NginxConfInput): string {
  return `server_name ${hostname};

ssl_certificate     ${gatewayLayout.chainFile};
ssl_certificate_key ${gatewayLayout.keyFile};
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
ssl_prefer_server_ciphers off;
ssl_session_cache shared:tls:10m;
ssl_session_timeout 1d;
ssl_session_tickets off;
# The kernel encrypts what sendfile sends, where it can (Linux: CONFIG_TLS); elsewhere nothing changes.
ssl_conf_command Options KTLS;

# A layer has no size limit (413), comes in chunks (411), and may take its time.
client_max_body_size 0;
chunked_transfer_encoding on;
client_header_timeout 15s;
client_body_timeout 900s;
# Of one write, not of the answer: a slow reader lives, one that has stopped goes.
send_timeout 120s;
keepalive_timeout 75s;
large_client_header_buffers 4 16k;

error_page 400 414 494 =400 /-/malformed;
error_page 401 @unauthorized;
error_page 404 @unknown;
error_page 405 @unsupported;
error_page 429 @too_many;
error_page 497 @plain_http;
error_page 500 @failed;
error_page 502 503 504 =503 @unavailable;
# A blob that was to come from disk may end at a registry that does not answer.
recursive_error_pages on;

${linkCheck(closed)}`;
}

/** Text at its place: every line but the first moved in by so many steps. */
function indented(steps: number, text: string): string {
  return text.replaceAll("\n", `\n${"    ".repeat(steps)}`).replaceAll(/ +$/gm, "");
}
