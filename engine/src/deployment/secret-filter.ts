import { isList, isPropertyMap, reveal, Secret, type PropertyMap, type Value } from "../values/value";

/** Shorter texts would blank out parts of ordinary words. */
const shortest = 4;
/** Lines of a secret of several lines (a key) are blinded one by one too: logs come line by line. */
const shortestLine = 12;

/** Knows every secret value a run has come across and takes them out of what people are shown. */
export class SecretFilter {
  private readonly texts = new Set<string>();
  /** The longest first, so that a secret that contains another is taken out whole. */
  private sorted: readonly string[] | undefined;

  /** Remembers the secrets at any depth of `properties`. */
  learn(properties: PropertyMap): void {
    for (const value of Object.values(properties)) this.learnValue(value, false);
  }

  /** Remembers a text that is secret by itself. */
  learnText(text: string): void {
    const lines = text.includes("\n") ? text.split("\n").filter((line) => !line.startsWith("-----")) : [];
    for (const part of [text, text.trim(), ...lines.filter((line) => line.length >= shortestLine)]) {
      if (part.length < shortest || this.texts.has(part)) continue;
      this.texts.add(part);
      this.sorted = undefined;
    }
  }

  /** `text` with every known secret replaced by `[secret]`. */
  blind(text: string): string {
    if (this.texts.size === 0 || text.length < shortest) return text;
    this.sorted ??= [...this.texts].sort((a, b) => b.length - a.length);
    // A pattern of all of them would be larger than the engine of patterns takes: files and keys are among them.
    const found = this.sorted.filter((secret) => secret.length <= text.length && text.includes(secret));
    if (found.length === 0) return text;
    return text.replace(new RegExp(found.map(escapeForPattern).join("|"), "g"), "[secret]");
  }

  private learnValue(value: Value, secret: boolean): void {
    if (value instanceof Secret) this.learnValue(reveal(value), true);
    else if (isList(value)) for (const item of value) this.learnValue(item, secret);
    else if (isPropertyMap(value)) for (const item of Object.values(value)) this.learnValue(item, secret);
    else if (secret && typeof value === "string") this.learnText(value);
    else if (secret && typeof value === "number") this.learnText(String(value));
  }
}

const escapeForPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
