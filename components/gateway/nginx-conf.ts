/** Where things are inside of the gateway's container. File names are relative to the revision's folder. */
export const gatewayLayout = {
  files: "/etc/gateway",
  configFile: "nginx.conf",
  chainFile: "server.crt",
  keyFile: "server.key",
  usersFile: "users.htpasswd",
  /** Above 1024: nginx runs as an ordinary user. */
  port: 8443,
  /** Health, readiness and the active revision, for whoever is inside of the container only. */
  statusPort: 8081,
  /** Temporary files and the pid: a tmpfs. */
  run: "/run/gateway",
  /** uid:gid of nginx, and of the files it reads. */
  owner: "33:33",
} as const;

export interface NginxConfInput {
  /** Name clients use. */
  readonly hostname: string;
  /** `host:port` of the registry on the private network. */
  readonly upstream: string;
}

/**
 * `nginx.conf` of the gateway. `@REVISION@` stands for the revision it becomes part of.
 *
 * The reason for each setting stands beside it in the file, so that it can be read on the host, too. Inputs are
 * checked where the settings are read: a host name cannot end a directive.
 *
 * Source: https://distribution.github.io/distribution/recipes/nginx/ and docs/architecture.md.
 */
export function renderNginxConf({ hostname, upstream }: NginxConfInput): string {
  return `# Written by Pulumi: changes made here are undone by the next \`make up\`.
worker_processes auto;
# Two a connection; more than the engine's own limit is refused with an alert.
worker_rlimit_nofile 16384;
pid ${gatewayLayout.run}/nginx.pid;
error_log stderr warn;

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

    # Without the query string: it carries the state of uploads.
    log_format json escape=json
        '{"time":"$time_iso8601","address":"$remote_addr","user":"$remote_user","method":"$request_method",'
        '"path":"$log_path","status":$status,"sent":$bytes_sent,"received":$request_length,'
        '"seconds":$request_time,"upstream":"$upstream_status","agent":"$http_user_agent"}';
    map $request_uri $log_path {
        "~^(?<path>[^?]*)" $path;
    }
    access_log /dev/stdout json;

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

    # nginx itself answers 401, and then the registry has not added its version.
    map $upstream_http_docker_distribution_api_version $api_version {
        ""      registry/2.0;
        default "";
    }

    server {
        listen ${gatewayLayout.port} ssl default_server;
        server_name ${hostname};

        ssl_certificate     ${gatewayLayout.chainFile};
        ssl_certificate_key ${gatewayLayout.keyFile};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
        ssl_prefer_server_ciphers off;
        ssl_session_cache shared:tls:10m;
        ssl_session_timeout 1d;
        ssl_session_tickets off;

        # A layer has no size limit (413), comes in chunks (411), and may take its time.
        client_max_body_size 0;
        chunked_transfer_encoding on;
        client_header_timeout 60s;
        client_body_timeout 900s;
        send_timeout 900s;
        keepalive_timeout 75s;
        large_client_header_buffers 4 16k;

        error_page 401 @unauthorized;
        error_page 497 @plain_http;
        error_page 502 503 504 =503 @unavailable;

        location /v2/ {
            auth_basic "Docker registry";
            auth_basic_user_file ${gatewayLayout.usersFile};
            add_header Docker-Distribution-Api-Version $api_version always;

            set $registry ${upstream};
            proxy_pass http://$registry;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            # With the port, and with https: the registry builds the Location of an upload from them.
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto https;
            # Would count more than the two above; a client, or a proxy before it, must not decide that.
            proxy_set_header Forwarded "";
            proxy_set_header X-Forwarded-Host "";
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Real-IP $remote_addr;
            # The registry has no use for the password.
            proxy_set_header Authorization "";

            # Layers pass through: nothing is spooled to disk, in either direction.
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_max_temp_file_size 0;
            # Holds the registry's long redirects, and makes big reads of big layers.
            proxy_buffer_size 512k;
            # Not used without buffering, but checked against the size above.
            proxy_buffers 4 512k;
            proxy_connect_timeout 10s;
            proxy_read_timeout 900s;
            proxy_send_timeout 900s;
            # During a handover one of two containers may refuse.
            proxy_next_upstream error timeout;
            proxy_next_upstream_tries 3;
        }

        location = /v2 {
            return 301 /v2/;
        }

        location = /healthz {
            access_log off;
            default_type text/plain;
            return 200 "ok\\n";
        }

        location /v1/ {
            default_type application/json;
            return 404 '{"errors":[{"code":"UNSUPPORTED","message":"this registry speaks version 2 of the API; a client that asks for /v1/ is too old (Docker before 1.6), or was not let in at /v2/","detail":{}}]}\\n';
        }

        location / {
            default_type text/plain;
            return 404 "This is a Docker registry: its API is at https://$http_host/v2/\\n";
        }

        # auth_basic has set WWW-Authenticate already.
        location @unauthorized {
            internal;
            default_type application/json;
            add_header Docker-Distribution-Api-Version registry/2.0 always;
            return 401 '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":{}}]}\\n';
        }

        location @plain_http {
            internal;
            default_type text/plain;
            return 400 "This port speaks TLS: use https://$http_host/\\n";
        }

        location @unavailable {
            internal;
            default_type application/json;
            add_header Retry-After 5 always;
            return 503 '{"errors":[{"code":"UNAVAILABLE","message":"the registry behind this gateway does not answer","detail":{}}]}\\n';
        }
    }

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
            set $registry ${upstream};
            proxy_pass http://$registry/v2/;
            proxy_connect_timeout 2s;
            proxy_read_timeout 5s;
        }
    }
}
`;
}
