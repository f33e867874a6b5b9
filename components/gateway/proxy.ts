/**
 * The registry behind the gateway.
 *
 * Source: https://distribution.github.io/distribution/recipes/nginx/
 *
 * @param upstream `host:port` on the private network.
 */
export function registryLocation(upstream: string): string {
  return `location @registry {
    set $way registry;
    # A variable: the name is asked for again, so a new container is found. The path goes on as it came.
    set $registry ${upstream};
    proxy_pass http://$registry$target;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    # With the port, and with https: the registry builds the Location of an upload from them.
    proxy_set_header Host $host_asked;
    proxy_set_header X-Forwarded-Proto https;
    # Would count more than the two above; a client, or a proxy before it, must not decide that.
    proxy_set_header Forwarded "";
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Real-IP $remote_addr;
    # The registry has no use for the password.
    proxy_set_header Authorization "";
    proxy_set_header Content-Type $content_type_passed;

    # Layers pass through: nothing is spooled to disk, in either direction.
    proxy_request_buffering off;
    # What is on its way; a few big reads and writes instead of many small ones.
    client_body_buffer_size 256k;
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
}`;
}
