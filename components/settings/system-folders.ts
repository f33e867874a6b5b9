import * as path from "node:path";

/** The system's or everybody's: folders below them are fine. */
const SHARED = [
  ...["/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var"],
  ...["/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp"],
];
/** The system's with all that is below them. */
const OWNED = [
  ...["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/sys", "/usr"],
  ...["/var/lib/containerd", "/var/lib/docker"],
];

/** True for a folder that must not become the registry's: it holds other things, and purging it would cost them. */
export function isSystemFolder(folder: string): boolean {
  const normal = path.posix.resolve(folder);
  return SHARED.includes(normal) || OWNED.some((root) => normal === root || normal.startsWith(`${root}/`));
}
