import type { Random } from "../support/random";

/** What an attacker knows: names and digests, of their own and of others, and a login. */
export interface Knowledge {
  readonly repositories: readonly string[];
  readonly digests: readonly string[];
  /** An upload of another's that is running. */
  readonly upload: string;
  readonly host: string;
  /** `name:password`; one or the other is taken. Without any, nobody logs in. */
  readonly logins: readonly string[];
  /** The folder of their own repositories, and another's. */
  readonly folders: readonly [own: string, other: string];
  /** What they try more often than anything else. */
  readonly method?: string;
}

export interface Attack {
  readonly method: string;
  readonly bytes: Buffer;
}

const METHODS = [
  "GET",
  "HEAD",
  "PUT",
  "POST",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "COPY",
  "MOVE",
  "PROPFIND",
  "LOCK",
  "CONNECT",
  "get",
  "GET\t",
  "X-_",
];

/** One request, broken or bent in some ways. */
export function attack(random: Random, known: Knowledge): Attack {
  if (random.chance(0.35)) return mountAttack(random, known);
  let path = plainPath(random, known);
  const usual = path.includes("/uploads/?") ? "POST" : "GET";
  const favourite = known.method !== undefined && random.chance(0.4) ? known.method : usual;
  const method = random.chance(0.7) ? favourite : random.pick(METHODS);
  for (let more = random.below(4); more > 0; more--) path = bent(random, path, known.folders);
  if (random.chance(0.04))
    path =
      random.pick(["http://", "https://", "HTTP://evil@", "//"]) +
      random.pick([known.host, "registry:5000", "localhost", ""]) +
      path;
  const version = random.chance(0.98)
    ? "HTTP/1.1"
    : random.pick(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.1 HTTP/1.1", ""]);
  const headers = [
    `Host: ${random.chance(0.98) ? known.host : random.pick(["evil", "", "a\tb", "registry:5000"])}`,
  ];
  if (random.chance(0.97)) headers.push(...loginOf(random, known));
  let body = "";
  if (random.chance(0.3)) [body] = [formOf(random, known)];
  const smuggled = `GET /v2/${random.pick(known.repositories)}/blobs/${random.pick(known.digests)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  if (random.chance(0.05)) headers.push(...random.pick(SMUGGLING(smuggled)));
  else if (body !== "" || random.chance(0.1)) headers.push(`Content-Length: ${Buffer.byteLength(body)}`);
  if (body !== "")
    headers.push(
      `Content-Type: ${random.pick(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])}`,
    );
  for (let more = random.below(2); more > 0; more--) headers.push(random.pick(HEADERS(random, known)));
  return {
    method,
    bytes: Buffer.from(`${method} ${path} ${version}\r\n${headers.join("\r\n")}\r\n\r\n${body}`, "latin1"),
  };
}

function loginOf(random: Random, { logins }: Knowledge): string[] {
  if (logins.length === 0) return [];
  return [`Authorization: Basic ${Buffer.from(random.pick(logins)).toString("base64")}`];
}

/** A mount that is well-formed but for what it asks for: the registry would do it. */
function mountAttack(random: Random, known: Knowledge): Attack {
  const query = mountQuery(random, known);
  const form = random.chance(0.4) ? formOf(random, known) : "";
  const type = form.startsWith("--x")
    ? "multipart/form-data; boundary=x"
    : "application/x-www-form-urlencoded";
  const head = [
    `POST /v2/${known.folders[0]}/${random.pick(["app", "new"])}/blobs/uploads/?${query} HTTP/1.1`,
    `Host: ${known.host}`,
    ...loginOf(random, known),
    `Content-Length: ${Buffer.byteLength(form)}`,
    ...(form === "" ? [] : [`Content-Type: ${type}`]),
  ];
  return { method: "POST", bytes: Buffer.from(`${head.join("\r\n")}\r\n\r\n${form}`, "latin1") };
}

function plainPath(random: Random, known: Knowledge): string {
  const name = random.pick(known.repositories);
  const digest = random.pick(known.digests);
  const query = mountQuery(random, known);
  return random.pick([
    `/v2/${name}/blobs/${digest}`,
    `/v2/${name}/blobs/${digest}`,
    `/v2/${name}/manifests/${random.pick(["v1", "latest", digest])}`,
    `/v2/${name}/tags/list`,
    `/v2/${name}/referrers/${digest}`,
    `/v2/${name}/blobs/uploads/?${query}`,
    `/v2/${name}/blobs/uploads/?${query}`,
    `/v2/${name}/blobs/uploads/?${query}`,
    `/v2/${name}/blobs/uploads/${known.upload}`,
    `/v2/${name}/blobs/uploads/${known.upload}?digest=${digest}`,
    "/v2/_catalog",
    "/v2/",
    "/metrics",
    "/metrics/registry",
    "/metrics/nginx",
    "/debug/health",
    `/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`,
    `/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`,
    "/metrics.txt",
    "/@disk",
  ]);
}

function mountQuery(random: Random, known: Knowledge): string {
  const part = () => {
    const from = random
      .pick(known.repositories)
      .replaceAll("/", random.pick(["/", "%2F", "%2F", "%2f", "%252F"]));
    return random.pick([
      `mount=${random.pick(known.digests).replace(":", random.pick([":", "%3A", "%3a"]))}`,
      `mount=${random.pick(known.digests)}`,
      `${random.pick(["from", "from", "from", "From", "FROM", "fro%6d", "%66rom", "from%00", "+from", "from[]"])}=${from}`,
      `from=${from}`,
      "digest=sha256%3A00",
      "x=y",
      "",
    ]);
  };
  const parts = Array.from({ length: 1 + random.below(5) }, part);
  return parts.join(random.pick(["&", "&", "&", ";", "&&", "%26"]));
}

function formOf(random: Random, known: Knowledge): string {
  if (random.chance(0.5)) return mountQuery(random, known);
  const field = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return `${field("mount", random.pick(known.digests))}${field("from", random.pick(known.repositories))}--x--\r\n`;
}

/** A path, changed in one way that some server somewhere reads as the same. */
function bent(random: Random, path: string, [own, other]: Knowledge["folders"]): string {
  const at = random.below(path.length + 1);
  const [before, after] = [path.slice(0, at), path.slice(at)];
  const slash = (other: string) => {
    const places = [...path.matchAll(/\//g)].map(({ index }) => index);
    const place = places.length === 0 ? 0 : random.pick(places);
    return path.slice(0, place) + other + path.slice(place + 1);
  };
  const character = path[at] ?? "";
  const hex = character.charCodeAt(0).toString(16);
  return random.pick([
    () => path,
    () => path,
    () => (character === "" ? path : `${before}%${hex}${after.slice(1)}`),
    () => (character === "" ? path : `${before}%25${hex}${after.slice(1)}`),
    () =>
      slash(
        random.pick([
          "//",
          "/./",
          "/../",
          "/x/../",
          "%2f",
          "%2F",
          "\\",
          "%5c",
          ";/",
          "/;/",
          "/%2e%2e/",
          "/.%2e/",
          "/..;/",
          "/%2e/",
          "/\u00c0\u00af",
        ]),
      ),
    () =>
      `${before}${random.pick(["?", "#", ";", "%00", "%0a", "%0d%0aX:%20y", "%20", "\t", "\u00ff", "%", "%zz", "&", "+", "*", "~", "\\", '"', "'", "$", "{", "(", "\u00e4"])}${after}`,
    () => before + after.toUpperCase(),
    () => `/v2/${own}/app/../../..${path}`,
    () => `/v2/${own}/app/%2e%2e/%2e%2e/${path.replace(/^\/v2\//, "")}`,
    () => `/healthz/..${path}`,
    () =>
      `${path}${random.pick(["/", "/.", "/..", "?", "#", ".json", "%00", "/link", "/data", "?digest=x"])}`,
    () => path.replace("/v2/", random.pick(["/V2/", "/v2//", "/v2/./", "/v1/../v2/", "//v2/", "/%76%32/"])),
    () => path.replace(own, other),
    () => path + "a".repeat(random.pick([300, 5000, 20_000])),
    // Long enough to be read, and too much for a pattern that goes back again and again.
    () => path.replace(own, random.pick(["a/", "a.", "a-", "a__"]).repeat(random.pick([100, 4000])) + "a"),
  ])();
}

const SMUGGLING = (request: string): string[][] => [
  ["Content-Length: 0", `Content-Length: ${request.length}`],
  ["Transfer-Encoding: chunked", `Content-Length: ${request.length}`],
  ["Transfer-Encoding: chunked, identity"],
  ["Transfer-Encoding: xchunked", "Content-Length: 4"],
  ["Transfer-Encoding : chunked"],
  ["Transfer-Encoding:\tchunked", "Transfer-Encoding: identity"],
  [`Content-Length: 0\r\n\r\n${request}`],
  ["Content-Length: +5"],
  ["Content-Length: -1"],
  ["Content-Length: 99999999999999999999"],
  ["Connection: Authorization, Host, Content-Length"],
  ["Expect: 100-continue", "Content-Length: 5"],
];

const HEADERS = (random: Random, known: Knowledge): string[] => [
  `X-Original-URL: /v2/${random.pick(known.repositories)}/blobs/${random.pick(known.digests)}`,
  "X-Rewrite-URL: /v2/_catalog",
  "X-HTTP-Method-Override: GET",
  "X-Forwarded-Host: evil.example.com",
  "Forwarded: host=evil.example.com",
  "X-Accel-Redirect: /docker/registry/v2/",
  "X-Forwarded-Prefix: /../",
  "Upgrade: h2c",
  "HTTP2-Settings: AAMAAABkAAQAAP__",
  "Authorization: Basic cm9vdDpyb290",
  `Authorization: Basic ${Buffer.from("root:").toString("base64")}`,
  "Authorization: Bearer x",
  "Proxy-Authorization: Basic cm9vdDpyb290",
  "Range: bytes=0-10",
  "Range: bytes=0-,0-,0-",
  `Range: bytes=${"0-1,".repeat(500)}0-1`,
  'If-None-Match: "x"',
  "If-Match: *",
  'If-Range: "x"',
  "Accept: application/vnd.oci.image.manifest.v1+json",
  "Accept-Encoding: gzip",
  "Host: evil.example.com",
  `X-Large: ${"x".repeat(random.pick([5000, 20_000]))}`,
  "Broken",
  ": empty",
  "X-Folded: a\r\n b",
  "X-Null: \u0000",
  "TE: trailers",
  "Connection: close",
];
