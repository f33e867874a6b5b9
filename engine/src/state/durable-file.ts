import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import path from "node:path";

import { Fault, systemCode } from "../values/fault";

/**
 * Replaces a file so that at every moment, a power cut included, either the old or the new content is there, whole.
 * Folders are made as needed, links are followed. Fails, and leaves the old file as it is, where the disk is full or
 * not writable. (The package write-file-atomic takes a write that the disk cut short for a whole one.)
 *
 * @param mode of a new file; a file that is there already keeps its own
 */
export async function writeDurably(file: string, content: string, mode = 0o600): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const target = await realpath(file).catch(() => file);
    await replace(target, content, mode);
    // What the CLI noted about the file it wrote itself (size, MD5) is no longer true of this one.
    await rm(`${target}.attrs`, { force: true });
    await syncFolder(path.dirname(target));
  } catch (error) {
    throw explain(error, file);
  }
}

async function replace(target: string, content: string, mode: number): Promise<void> {
  const temporary = temporaryName(target);
  try {
    const old = await stat(target).catch(() => undefined);
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.chmod(old === undefined ? mode : old.mode & 0o7777);
      if (old !== undefined && process.getuid?.() === 0) await handle.chown(old.uid, old.gid);
      await handle.writeFile(content, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What a process that was killed while it wrote `file` has left beside it. Only for who has `file` to himself. */
export async function removeLeftovers(file: string): Promise<void> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  const leftovers = names.filter(
    (name) => name.startsWith(`${path.basename(file)}.`) && name.endsWith(".tmp"),
  );
  await Promise.all(leftovers.map((name) => rm(path.join(folder, name), { force: true })));
}

const temporaryName = (file: string): string => `${file}.${process.pid}.tmp`;

/** Keeps what `file` holds now as `backup`, also through what happens to `file` afterwards. No file, no backup. */
export async function keepBackup(file: string, backup: string): Promise<void> {
  const temporary = temporaryName(backup);
  try {
    await rm(temporary, { force: true });
    // A second name is enough, for `file` is only ever replaced, never written into; not every file system has it.
    await link(file, temporary).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") throw error;
      return copyFile(file, temporary, constants.COPYFILE_FICLONE);
    });
    await rename(temporary, backup);
    await rm(`${backup}.attrs`, { force: true });
  } catch (error) {
    await rm(temporary, { force: true });
    if (systemCode(error) !== "ENOENT") throw explain(error, backup);
  }
}

/** Makes new names in a folder last. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
};

function explain(error: unknown, file: string): unknown {
  const code = systemCode(error);
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  return new Fault(`cannot write ${file}: ${reason}; what was there before is unchanged`, { cause: error });
}
