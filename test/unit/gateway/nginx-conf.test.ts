import { expect, it } from "vitest";
import { renderNginxConf } from "../../../components/gateway/nginx-conf";

const conf = renderNginxConf({ hostname: "registry.example.com", upstream: "registry:5000" });
const directives = conf
  .split("\n")
  .map((line) => line.trim().replace(/\s+/g, " "))
  .filter((line) => line !== "" && !line.startsWith("#"));

/** Each of them for a reason: facts.md, gateway.md, and the comments in the file. What they do: test/rendered. */
it.each([
  "client_max_body_size 0;",
  "chunked_transfer_encoding on;",
  "proxy_http_version 1.1;",
  "proxy_request_buffering off;",
  "proxy_buffering off;",
  "proxy_max_temp_file_size 0;",
  "proxy_buffer_size 512k;",
  "proxy_read_timeout 900s;",
  "proxy_send_timeout 900s;",
  "client_body_timeout 900s;",
  "send_timeout 900s;",
  "proxy_set_header Host $http_host;",
  "proxy_set_header X-Forwarded-Proto https;",
  'proxy_set_header X-Forwarded-Host "";',
  'proxy_set_header Forwarded "";',
  'proxy_set_header Authorization "";',
  "add_header Docker-Distribution-Api-Version $api_version always;",
  "ssl_protocols TLSv1.2 TLSv1.3;",
  "ssl_session_tickets off;",
  "server_tokens off;",
  "absolute_redirect off;",
  "resolver 127.0.0.11 valid=1s ipv6=off;",
  "set $registry registry:5000;",
  "proxy_pass http://$registry;",
  "server_name registry.example.com;",
])("has %s", (directive) => {
  expect(directives).toContain(directive);
});

it("keeps the query string and the password out of the access log", () => {
  const format = /log_format json [^;]+;/.exec(conf)?.[0];
  expect(format).toBeDefined();
  expect(format).not.toMatch(/\$(request|request_uri|args|query_string|http_authorization)\b/);
});

it("asks for a user wherever it passes a request on, but for its own check of readiness", () => {
  const [outside = "", inside = ""] = conf.split(/listen 127\.0\.0\.1/);
  const locations = outside.split(/\n {8}location /).slice(1);
  const proxied = locations.filter((location) => location.includes("proxy_pass"));
  expect(proxied.map((location) => location.split(" ")[0])).toEqual(["/v2/"]);
  for (const location of proxied)
    expect(location).toMatch(/auth_basic "[^"]+";\s+auth_basic_user_file users\.htpasswd;/);
  expect(inside).toContain("proxy_pass");
});
