import type { User } from "../settings/settings";
import { gatewayLayout } from "./layout";

/**
 * The distribution API's own grammar of a repository's name, narrower where that costs nothing: no escapes, no empty
 * segments, lower case. What is decided and what is sent on is the same text as it came: nobody reads it twice.
 *
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const DIGEST = "[a-z0-9]{1,32}(?:[+._-][a-z0-9]{1,32}){0,4}:[0-9a-f]{32,128}";
const TAG = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";

/**
 * The registry takes no longer ones, and PCRE gives up on much longer ones. As short as it can be, or PCRE reads on into
 * the digest and comes back letter by letter.
 */
const NAME = "(?<api_name>[a-z0-9/._-]{1,255}?)";

/** What each kind of access may do where it counts. */
const MAY: Readonly<Record<User["access"], readonly string[]>> = {
  pull: ["ping", "pull"],
  push: ["ping", "pull", "push"],
  admin: ["ping", "pull", "push", "delete"],
};

/** A repository's name in a query string may have this many parts; a mount from deeper down becomes an upload. */
const MOUNT_DEPTH = 6;

/** Name of whoever comes without a user, at the address where that is allowed: no user can have a colon in it. */
const ANONYMOUS = ":anonymous";

/**
 * Maps that decide on a request before it goes anywhere: `$verdict` is `pass`, or a reason not to. They look at
 * `$request_method` and `$request_uri`, never at the decoded `$uri`.
 */
export function rightsMaps(anonymous: boolean): string {
  return `# What is asked for, as it stands in the request line; and of which repository.
map $request_uri $route {
    default                                                                   unknown;
    # Of a blob that nginx may send itself, it takes the digest apart in the same go.
    "~^/v2/${NAME}/blobs/sha256:(?<blob_hex>(?<blob_folder>[0-9a-f]{2})[0-9a-f]{62})$" blob;
    "~^/v2/${NAME}/blobs/${DIGEST}(?:\\?|$)"                blob;
    "~^/v2/(?:\\?|$)"                                                          base;
    "~^/v2/_catalog(?:\\?|$)"                                                  catalog;
    "~^/v2/${NAME}/tags/list(?:\\?|$)"                      tags;
    "~^/v2/${NAME}/manifests/(?:${TAG}|${DIGEST})(?:\\?|$)" manifest;
    "~^/v2/${NAME}/referrers/${DIGEST}(?:\\?|$)"            referrers;
    "~^/v2/${NAME}/blobs/uploads/(?:\\?|$)"                 uploads;
    "~^/v2/${NAME}/blobs/uploads/[A-Za-z0-9._=-]{1,128}(?:\\?|$)" upload;
}
map "$route $api_name" $endpoint {
    default                                  unknown;
    "~^(?<api_route>base|catalog) $"         $api_route;
    "~^(?<api_route>[a-z]+) ${COMPONENT}(?:/${COMPONENT})*$" $api_route;
}
map $endpoint $repository {
    default $api_name;
    unknown "";
}
map "$request_method $endpoint" $verb {
    default          other;
    "~ unknown$"     unknown;
    "GET base"       ping;
    "HEAD base"      ping;
    "GET manifest"   pull;
    "HEAD manifest"  pull;
    "GET blob"       pull;
    "HEAD blob"      pull;
    "GET tags"       pull;
    "HEAD tags"      pull;
    "GET referrers"  pull;
    "HEAD referrers" pull;
    "PUT manifest"   push;
    "POST uploads"   push;
    "GET upload"     push;
    "HEAD upload"    push;
    "PATCH upload"   push;
    "PUT upload"     push;
    "DELETE upload"  push;
    "DELETE manifest" delete;
    "DELETE blob"    delete;
    "GET catalog"    catalog;
    "HEAD catalog"   catalog;
}

# Who asks. At the second address a user name proves nothing.
map $server_port $user {
    default ${ANONYMOUS};
    ${gatewayLayout.port}    $remote_user;
}
map $user $access {
    default "none everywhere";${anonymous ? `\n    ${ANONYMOUS} "pull everywhere";` : ""}
    include ${gatewayLayout.accessFile};
}
map "$user $repository" $listed {
    default no;
    include ${gatewayLayout.repositoriesFile};
}

# "access everywhere|listed yes|no verb". An administrator of everything may do whatever the registry can.
map "$access $listed $verb" $verdict {
    default      denied;
${passes().join("\n")}
    "~ other$"   unsupported;
    "~ unknown$" unknown;
}

# A blob of another repository can be had by ?mount=DIGEST&from=REPOSITORY. Whoever may pull everywhere may do that;
# others where they may pull, in the one form that clients use. Any other query is dropped: then the registry
# starts an upload, which is what it does, too, when there is nothing to mount.
map $args $mount_from {
    default "";
${mountForms()}
}
map "$user $mount_from" $from_listed {
    default no;
    include ${gatewayLayout.repositoriesFile};
}
map "$access $from_listed $args" $upload_query {
    default "";
    "~^\\w+ everywhere \\w+ (?<upload_args>.+)$"                            ?$upload_args;
    "~^\\w+ listed yes (?<upload_args>.+)$"                                ?$upload_args;
    "~^\\w+ listed no (?<upload_args>digest=[a-z0-9]+(?::|%3A)[0-9a-f]+)$" ?$upload_args;
    "~^\\w+ listed no (?<upload_args>digest-algorithm=[a-z0-9]+)$"         ?$upload_args;
}
map "$request_method $endpoint" $target {
    default        $request_uri;
    "POST uploads" /v2/$repository/blobs/uploads/$upload_query;
}
# A form in the body would count more than the query.
map "$request_method $endpoint" $content_type_passed {
    default        $http_content_type;
    "POST uploads" application/octet-stream;
}`;
}

/** A line a case, not a pattern for several: one look into a hash. */
function passes(): string[] {
  const line = (key: string) => `    "${key}" pass;`;
  const everything = ["catalog", "other", "unknown"].map((verb) => line(`admin everywhere no ${verb}`));
  return Object.entries(MAY)
    .flatMap(([access, verbs]) => [
      ...["everywhere no", "listed yes"].flatMap((where) =>
        verbs.map((verb) => line(`${access} ${where} ${verb}`)),
      ),
      line(`${access} listed no ping`),
    ])
    .concat(everything);
}

/** The query of a mount, by depth of the repository's name, which comes with its slashes escaped. */
function mountForms(): string {
  const mount = "mount=[a-z0-9]+(?::|%3A)[0-9a-f]+";
  const lines = Array.from({ length: MOUNT_DEPTH }, (_, depth) => {
    const parts = Array.from({ length: depth + 1 }, (__, index) => `from_${index}`);
    const name = parts.map((part) => `(?<${part}>[a-z0-9][a-z0-9._-]*)`).join("(?:/|%2F)");
    const value = parts.map((part) => `$${part}`).join("/");
    return `    "~^(?:${mount}&)?from=${name}(?:&${mount})?$" ${value};`;
  });
  return lines.join("\n");
}

/** `access.map`: a line a user. */
export function renderAccess(users: readonly User[]): string {
  return users
    .map(({ name, access, repositories }) => {
      const where = repositories === undefined || repositories.includes("*") ? "everywhere" : "listed";
      return `${mapKey(name)} "${access} ${where}";\n`;
    })
    .join("");
}

/** `repositories.map`: a line a pattern of a user who is limited. */
export function renderRepositories(users: readonly User[]): string {
  return users
    .flatMap(({ name, repositories = [] }) =>
      repositories
        .filter((pattern) => pattern !== "*" && !repositories.includes("*"))
        .map((pattern) =>
          pattern.endsWith("/*")
            ? `"~^${escaped(name)} ${escaped(pattern.slice(0, -1))}" yes;\n`
            : `${mapKey(`${name} ${pattern}`)} yes;\n`,
        ),
    )
    .join("");
}

/** `chosen.map`: a line a user with a password of their own. */
export function renderChosen(users: readonly User[]): string {
  return users
    .filter(({ password }) => password !== undefined)
    .map(({ name }) => `${mapKey(name)} yes;\n`)
    .join("");
}

/** Names and patterns have neither quotes nor backslashes nor dollars; a name may look like a keyword of map's. */
export function mapKey(text: string): string {
  return /^(?:default|hostnames|include|volatile)$/.test(text) ? `"\\${text}"` : `"${text}"`;
}

function escaped(text: string): string {
  return text.replaceAll(".", "\\.");
}
