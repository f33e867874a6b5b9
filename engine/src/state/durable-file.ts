import { constants, copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";

import { Fault, systemCode } from "../values/fault";

/**
 * Replaces a file so that at every moment, a power cut included, either the old or the new content is there, whole.
 * Folders are made as needed. Fails, and leaves the old file as it is, where the disk is full or not writable.
 *
 * @param mode of a new file; a file that is there already keeps its own
 */
export async function writeDurably(file: string, content: string, mode = 0o600): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, content, { mode });
    // What the CLI noted about the file it wrote itself (size, MD5) is no longer true of this one.
    await rm(`${file}.attrs`, { force: true });
    await syncFolder(path.dirname(file));
  } catch (error) {
    throw explain(error, file);
  }
}

/** Keeps what `file` holds now as `backup`, also through what happens to `file` afterwards. No file, no backup. */
export async function keepBackup(file: string, backup: string): Promise<void> {
  const temporary = `${backup}.${process.pid}.tmp`;
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
