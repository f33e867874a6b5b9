import { expect, it } from "vitest";
import { renderNginxConf } from "../../../components/gateway/nginx-conf";

const input = {
  hostname: "registry.example.com",
  port: 8000,
  anonymous: false,
  chosen: true,
  upstream: "registry:5000",
  metrics: "registry:5001",
};
const conf = renderNginxConf(input);
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
  "send_timeout 120s;",
  "proxy_set_header Host $host_asked;",
  "proxy_set_header X-Forwarded-Proto https;",
  'proxy_set_header X-Forwarded-Host "";',
  'proxy_set_header Forwarded "";',
  'proxy_set_header Authorization "";',
  "ssl_protocols TLSv1.2 TLSv1.3;",
  "ssl_session_tickets off;",
  "ssl_conf_command Options KTLS;",
  "server_tokens off;",
  "absolute_redirect off;",
  "resolver 127.0.0.11 valid=1s ipv6=off;",
  "set $registry registry:5000;",
  "proxy_pass http://$registry$target;",
  "server_name registry.example.com;",
])("has %s", (directive) => {
  expect(directives).toContain(directive);
});

it("keeps the query string and the password out of the access log", () => {
  const format = /log_format json [^;]+;/.exec(conf)?.[0];
  expect(format).toBeDefined();
  expect(format).not.toMatch(/\$(request|request_uri|args|query_string|http_authorization)\b/);
});

/** Names and texts of the locations of one server. */
function locations(server: string): Map<string, string> {
  const found = server.split(/\n {8}location /).slice(1);
  return new Map(found.map((text) => [/^(?:= )?(\S+)/.exec(text)?.[1] ?? "", text]));
}

it("asks for a user wherever something can be had from outside that is not nginx's own text", () => {
  const [, front = "", status = ""] = conf.split(/\n {4}server \{/);
  const all = locations(front);
  // Only try_files, after authentication, leads to a location with @.
  const open = [...all].filter(([name]) => !name.startsWith("@"));
  const reached = open.filter(([, text]) => /proxy_pass|root |try_files|stub_status/.test(text));
  expect(reached.map(([name]) => name)).toEqual(["/v2/", "/metrics", "/metrics/nginx", "/metrics/registry"]);
  for (const [name, text] of reached) {
    if (name.startsWith("/metrics/")) expect(text).toMatch(/^\S+ \S+ \{\s+internal;/);
    else expect(text).toMatch(/auth_basic \$realm;\s+auth_basic_user_file users\.htpasswd;/);
  }
  expect(status).toContain("listen 127.0.0.1:");
  // Only a header that is right to the letter is not looked up in the users file.
  expect(conf).toMatch(/map \$secure_link \$realm \{\s+default "Docker registry";\s+1 +off;\s+\}/);
});

it("has people wait before a check only where somebody has chosen a password", () => {
  expect(conf).toContain("limit_req zone=chosen_all");
  const generatedOnly = renderNginxConf({ ...input, chosen: false });
  expect(generatedOnly).not.toMatch(/\$chosen|zone=chosen|chosen\.map/);
  expect(generatedOnly).toContain("limit_req zone=mistakes");
});

it("has a second server, without metrics, only where anybody may pull", () => {
  expect(conf).not.toContain("anonymous everywhere");
  expect(conf.split("listen 8443")).toHaveLength(2);
  const both = renderNginxConf({ ...input, anonymous: true });
  const [, , second = ""] = both.split(/\n {4}server \{/);
  expect([...locations(second).keys()]).toEqual(
    expect.arrayContaining(["/v2/", "@disk", "@registry", "@denied"]),
  );
  expect([...locations(second).keys()].join()).not.toContain("metrics");
  expect(both).toContain(':anonymous "pull everywhere";');
  expect(conf).not.toContain(':anonymous "');
});

it("has a location for every verdict", () => {
  const verdicts = [
    ...(/map "\$access \$listed \$verb" \$verdict \{([^}]*)\}/.exec(conf)?.[1]?.matchAll(/ (\w+);/g) ?? []),
  ];
  const names = [...new Set(verdicts.map(([, verdict]) => verdict ?? ""))].filter(
    (verdict) => verdict !== "pass",
  );
  expect(names.sort()).toEqual(["denied", "unknown", "unsupported"]);
  for (const server of renderNginxConf({ ...input, anonymous: true })
    .split(/\n {4}server \{/)
    .slice(1, 3))
    for (const name of [...names, "disk", "registry"])
      expect([...locations(server).keys()]).toContain(`@${name}`);
});
