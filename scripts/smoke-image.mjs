// @ts-check
// The image of the smoke test: one layer that does not compress. It is the same for every run: its blobs are deleted
// after each, but the registry frees their space only when it collects garbage, and a hundred runs are to cost one.
import { createCipheriv, createHash } from "node:crypto";

/** Over 1 MiB, nginx's default limit of a request's body. */
const SIZE = 1_500_000;
const BLOCK = 512;

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** @param {Buffer} bytes */
export function digestOf(bytes) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** @param {string} name @param {Buffer} content @returns {Buffer} a tar archive of one file */
function tar(name, content) {
  const header = Buffer.alloc(BLOCK);
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) =>
    value.toString(8).padStart(digits, "0");
  header.write(name, 0);
  header.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  header.write(`${octal(content.length, 11)}\0${octal(0, 11)}\0`, 124);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)]);
}

/** @returns {{ layer: Buffer, config: Buffer, manifest: Buffer }} */
export function smokeImage() {
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16)).update(
    Buffer.alloc(SIZE),
  );
  const layer = tar("noise", noise);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  const descriptor = (/** @type {string} */ mediaType, /** @type {Buffer} */ bytes) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    }),
  );
  return { layer, config, manifest };
}
