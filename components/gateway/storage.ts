import { gatewayLayout } from "./layout";

/** Where distribution v3 keeps its data below the root of its storage; test/rendered/gateway-blobs compares. */
export const DATA = `${gatewayLayout.storage}/docker/registry/v2`;

/** Why a blob did not come from disk, where nginx has met a folder or a file that it may not read. */
export const UNREADABLE = "storage cannot be read";

/** What nginx must pass on its way to links and blobs, outermost first. */
const FOLDERS = [
  gatewayLayout.storage,
  `${gatewayLayout.storage}/docker`,
  `${gatewayLayout.storage}/docker/registry`,
  DATA,
  `${DATA}/repositories`,
  `${DATA}/blobs`,
];

/**
 * Directives that set `$shut` to `yes` where there is a folder that nginx may not pass, else to nothing. A folder that is
 * not there is no fault: the registry makes it with the first push.
 */
export function lookForShutFolders(): string {
  const looks = FOLDERS.map(
    (folder) => `set $there "";
if (-e ${folder}) {
    set $there yes;
}
if (-d ${folder}/.) {
    set $there "";
}
set $shut_folders $shut_folders$there;`,
  );
  return `set $shut_folders "";
${looks.join("\n")}
set $shut "";
if ($shut_folders) {
    set $shut yes;
}`;
}
