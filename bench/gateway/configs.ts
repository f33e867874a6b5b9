import { stringify } from "yaml";

const head = `worker_processes auto;
worker_rlimit_nofile 16384;
pid /run/gateway/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }`;

const tls = `ssl_certificate server.crt;
        ssl_certificate_key server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:tls:10m;`;

/**
 * What the article and distribution's documentation tell people to write.
 *
 * Source: https://distribution.github.io/distribution/recipes/nginx/
 */
export const recipe = (registry: string, authenticated: boolean) => `${head}
http {
    access_log /dev/stdout;
    client_body_temp_path /run/gateway/body;
    proxy_temp_path /run/gateway/proxy;
    fastcgi_temp_path /run/gateway/fastcgi;
    uwsgi_temp_path /run/gateway/uwsgi;
    scgi_temp_path /run/gateway/scgi;
    upstream docker-registry {
        server ${registry}:5000;
    }
    map $upstream_http_docker_distribution_api_version $docker_distribution_api_version {
        '' 'registry/2.0';
    }
    server {
        listen 8443 ssl;
        ${tls}
        client_max_body_size 0;
        chunked_transfer_encoding on;
        location /v2/ {
            ${authenticated ? 'auth_basic "Registry realm";\n            auth_basic_user_file users.htpasswd;' : ""}
            add_header Docker-Distribution-Api-Version $docker_distribution_api_version always;
            proxy_pass http://docker-registry;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_read_timeout 900;
        }
    }
}
`;

/**
 * Files, as they are. At port 8443 the most that nginx can do, with the gateway's own settings, its cache of open files,
 * and its log; at 8444 with what nginx does by itself.
 */
export const plainFiles = () => `${head}
http {
    sendfile on;
    tcp_nopush on;
    log_format json escape=json
        '{"time":"$time_iso8601","address":"$remote_addr","user":"$remote_user","method":"$request_method",'
        '"path":"$uri","repository":"","status":$status,"sent":$bytes_sent,'
        '"received":$request_length,"seconds":$request_time,"way":"disk","why":"",'
        '"upstream":"","agent":"$http_user_agent"}';
    access_log /dev/stdout json buffer=4k flush=1s;
    open_file_cache max=1024 inactive=5s;
    open_file_cache_valid 1s;
    client_body_temp_path /run/gateway/body;
    proxy_temp_path /run/gateway/proxy;
    fastcgi_temp_path /run/gateway/fastcgi;
    uwsgi_temp_path /run/gateway/uwsgi;
    scgi_temp_path /run/gateway/scgi;
    server {
        listen 8443 ssl;
        ${tls}
        root /srv/plain;
    }
    server {
        listen 8444 ssl;
        ${tls}
        root /srv/plain;
        open_file_cache off;
        access_log /dev/stdout combined;
    }
}
`;

/** The registry with its own TLS, and its own users or none. */
export const tlsRegistryConfig = (authenticated: boolean) =>
  stringify({
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: "/var/lib/registry" },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
    },
    http: {
      addr: ":8443",
      secret: "s",
      tls: { certificate: "/config/server.crt", key: "/config/server.key" },
    },
    ...(authenticated ? { auth: { htpasswd: { realm: "bench", path: "/config/users.htpasswd" } } } : {}),
  });

/** Source: https://caddyserver.com/docs/caddyfile/directives/basicauth */
export const caddyfile = (registry: string, user: string, hash: string) => `{
    admin off
    auto_https off
}
:8443 {
    tls /config/server.crt /config/server.key
    basicauth bcrypt {
        ${user} ${Buffer.from(hash.replace("$2b$", "$2a$")).toString("base64")}
    }
    reverse_proxy ${registry}:5000
}
`;
