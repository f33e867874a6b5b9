/** One PEM block, lines of 64 characters, with a line end after the last. */
export function encodePem(type: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.map((line) => `${line}\n`).join("")}-----END ${type}-----\n`;
}

export interface PemBlock {
  readonly type: string;
  readonly der: Buffer;
}

/** The first PEM block of `text`, as Go reads it: text before and after is left alone. */
export function decodePem(text: string): PemBlock | undefined {
  const pattern = /(?:^|\n)-----BEGIN ([^\n\r]*?)-----[ \t\r]*\n([^-]*?)\n?-----END \1-----[ \t\r]*(?:\n|$)/g;
  for (const [, type = "", body = ""] of text.matchAll(pattern)) {
    // Headers (`Proc-Type: …`) stand above an empty line.
    const base64 = body.replace(/^(?:[^\n:]+:[^\n]*\n)+\r?\n/, "").replace(/\s/g, "");
    if (/^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0) {
      return { type, der: Buffer.from(base64, "base64") };
    }
  }
  return undefined;
}

/** The bytes of the first block, which must be of this type. */
export function expectPem(text: string, type: string): Buffer {
  const block = decodePem(text);
  if (block === undefined) throw new Error(`failed to decode PEM of expected type "${type}" from bytes`);
  if (block.type !== type) {
    throw new Error(`invalid PEM type - expected "${type}", got ${JSON.stringify(block.type)}`);
  }
  return block.der;
}
