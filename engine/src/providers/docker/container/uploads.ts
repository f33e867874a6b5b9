import { readFile } from "node:fs/promises";
import type { PropertyMap } from "../../../values/value";
import { getBool, getString } from "../terraform/read";

const block = 512;

/** An upload as a tar archive of one file, to be unpacked at the container's root. */
export async function uploadArchive(upload: PropertyMap): Promise<Buffer> {
  const source = getString(upload, "source");
  const base64 = getString(upload, "content_base64");
  const content =
    source !== ""
      ? await readFile(source)
      : base64 !== ""
        ? Buffer.from(base64, "base64")
        : Buffer.from(getString(upload, "content"));
  const permissions = getString(upload, "permissions");
  const mode =
    permissions !== "" ? Number.parseInt(permissions, 8) : getBool(upload, "executable") ? 0o744 : 0o644;
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return Buffer.concat([
    header(getString(upload, "file"), mode, content.length),
    content,
    padding,
    Buffer.alloc(2 * block),
  ]);
}

/** A header in the `ustar` format (POSIX.1-1988). */
function header(file: string, mode: number, size: number): Buffer {
  const buffer = Buffer.alloc(block);
  const [prefix, name] = split(file);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  buffer.write(name, 0, 100);
  buffer.write(octal(mode, 7), 100);
  buffer.write(octal(0, 7), 108);
  buffer.write(octal(0, 7), 116);
  buffer.write(octal(size, 11), 124);
  buffer.write(octal(Math.floor(Date.now() / 1000), 11), 136);
  buffer.write("        ", 148);
  buffer.write("0", 156);
  buffer.write("ustar\u000000", 257);
  buffer.write(prefix, 345, 155);
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return buffer;
}

/** A path as prefix (at most 155 bytes) and name (at most 100 bytes). */
function split(file: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(file) <= 100) return ["", file];
  for (let at = file.indexOf("/", 1); at > 0; at = file.indexOf("/", at + 1)) {
    const [prefix, name] = [file.slice(0, at), file.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  throw new Error(`The path ${file} is too long for an upload.`);
}
