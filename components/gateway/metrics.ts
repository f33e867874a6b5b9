import { gatewayLayout } from "./layout";
import { lookForShutFolders } from "./storage";

/**
 * `metrics.txt`: Prometheus text that nginx completes itself, by server-side includes. Its own counters can be had
 * only as the text of stub_status, which a pattern takes apart. The registry's metrics follow: one scrape has it all.
 *
 * Source: https://nginx.org/en/docs/http/ngx_http_ssi_module.html and
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function renderMetrics(): string {
  const counters = "/requests\\s+(?P<accepted>[0-9]+) [0-9]+ (?P<requests>[0-9]+)/";
  return `<!--# include virtual="/metrics/nginx" set="stub" --><!--# if expr="$stub = ${counters}" --><!--# endif -->\
${[
  metric(
    "gateway_blobs_from_disk",
    "gauge",
    "1 while nginx itself can read and send blobs",
    "blobs_from_disk",
  ),
  metric("gateway_connections_active", "gauge", "Connections of clients", "connections_active"),
  metric("gateway_connections_idle", "gauge", "Of these, waiting for a request", "connections_waiting"),
  metric("gateway_connections_total", "counter", "Connections since nginx started", "accepted"),
  metric("gateway_requests_total", "counter", "Requests since nginx started", "requests"),
].join("")}<!--# include virtual="/metrics/registry" -->`;
}

function metric(name: string, type: "gauge" | "counter", help: string, variable: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} <!--# echo var="${variable}" -->\n`;
}

/** At the front door, for administrators. */
export const metricsMap = `map $access $metrics_next {
    default    denied;
    "~^admin " metrics;
}`;

/**
 * @param upstream `host:port` of the registry's own metrics.
 * @param closed why nginx cannot read the storage; undefined when it can.
 */
export function metricsLocations(upstream: string, closed: string | undefined): string {
  const look = `
    # Now, not when this was written.
    ${lookForShutFolders().replaceAll("\n", "\n    ")}
    if ($shut = "") {
        set $blobs_from_disk 1;
    }`;
  return `location @metrics {
    set $blobs_from_disk 0;${closed === undefined ? look : ""}
    root ${gatewayLayout.files}/current;
    rewrite ^ /${gatewayLayout.metricsFile} break;
    ssi on;
    ssi_types *;
    types { }
    default_type "text/plain; version=0.0.4";
}
location = /metrics/nginx {
    internal;
    stub_status;
}
location = /metrics/registry {
    internal;
    set $registry_metrics ${upstream};
    proxy_pass http://$registry_metrics/metrics;
    proxy_connect_timeout 2s;
    proxy_read_timeout 10s;
    proxy_set_header Authorization "";
    proxy_set_header Accept-Encoding "";
    error_page 502 504 =200 @no_metrics;
    error_page 404 @unknown;
}
location @no_metrics {
    return 200 "# the registry does not answer\\n";
}`;
}
