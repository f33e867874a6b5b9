import { gatewayLayout } from "./layout";
import { accessLog } from "./logs";
import { DATA, lookForShutFolders, UNREADABLE } from "./storage";

/** Digest of nothing. */
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Maps of blobs that nginx sends by itself: `$blob_way` is `disk`, or `registry` with the reason in `$blob_why`, which is
 * empty where no blob is asked for. Only a plain GET or HEAD of a blob that the repository has a link to: every
 * doubt goes to the registry.
 *
 * Whoever changes this changes who sees what: `$blob_link` is the only proof that the repository owns the blob. Its
 * folder stays after a delete, the link does not.
 *
 * @param closed why nginx cannot read the storage; undefined when it can.
 */
export function blobMaps(closed: string | undefined): string {
  return `# The file that says that this repository owns this blob.
map "$verb $endpoint $blob_folder" $blob_link {
    default "";
    "~^pull blob ..$"
        ${DATA}/repositories/$repository/_layers/sha256/$blob_hex/link;
}
# The registry knows better about these.
map "$http_if_match$http_if_none_match$http_if_modified_since$http_if_unmodified_since$http_if_range" $blob_plain {
    default conditional;
    ""      $blob_range;
}
map $http_range $blob_range {
    default                        range;
    ""                             yes;
    "~^bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[1-9][0-9]{0,14})$" $blob_range_of;
}
# Of the blob that is empty there are none.
map $blob_link $blob_range_of {
    default         yes;
    "~/${EMPTY}/" range;
}
map "" $linked {
    default ${closed === undefined ? "no" : "off"};
}
map "$linked $blob_plain" $blob_way {
    default    registry;
    "yes yes"  disk;
}
map "$verb $endpoint $linked $blob_plain" $blob_why {
    default               "";
    "~^pull blob off"     "${closed ?? ""}";
    "~^pull blob odd"     "query or other digest";
    "~^pull blob no"      "no link to it";
    "~^pull blob shut"    "${UNREADABLE}";
    "~^pull blob yes con" "conditional request";
    "~^pull blob yes ran" "other form of range";
}
# Answers to a range say that there are ranges; nginx says so by itself in the others.
map $http_range $accept_ranges {
    default bytes;
    ""      "";
}`;
}

/**
 * Looks for the link before the location is chosen: the only place where nginx can do so without losing try_files.
 * Nothing of it is shown to who may not pull.
 */
export function linkCheck(closed: string | undefined): string {
  if (closed !== undefined) return "# Nothing is looked for: nginx cannot read the storage.";
  return `if ($blob_link = "") {
    set $linked odd;
    break;
}
if (-f $blob_link) {
    set $linked yes;
    break;
}
# It is not there; or nginx is kept from seeing it.
${lookForShutFolders()}
if ($shut) {
    set $linked shut;
}`;
}

/** Sends a blob by the kernel's shortest way, with the headers the registry would send. */
export function blobLocation(): string {
  return `# A blob that this repository owns, straight from disk. Where its data is missing or cannot be read, the registry
# has the last word.
location @disk {
    root ${DATA};
    set $way disk;
    ${accessLog("disk")}
    rewrite ^ /blobs/sha256/$blob_folder/$blob_hex/data break;
    error_page 404 = @registry;
    # Not to be read, or not at this moment (too many open files, a disk that fails).
    error_page 403 500 = @disk_failed;
    error_page 416 @no_overlap;
    log_not_found off;
    output_buffers 2 128k;
    # Content never changes, and whether it is the repository's was asked just now, of the disk.
    open_file_cache max=1024 inactive=5s;
    open_file_cache_valid 1s;
    etag off;
    if_modified_since off;
    types { }
    default_type application/octet-stream;
    add_header Docker-Distribution-Api-Version registry/2.0;
    add_header Docker-Content-Digest sha256:$blob_hex;
    add_header Etag '"sha256:$blob_hex"';
    add_header Cache-Control max-age=31536000;
    add_header Last-Modified "";
    add_header Accept-Ranges $accept_ranges;
    add_header X-Content-Type-Options nosniff;
}
location @disk_failed {
    set $disk_why "${UNREADABLE}";
    root ${gatewayLayout.run};
    try_files "" @registry;
}
# The headers are on their way already: nobody else can be asked.
location @no_overlap {
    default_type "text/plain; charset=utf-8";
    return 416 "invalid range: failed to overlap\\n";
}`;
}
