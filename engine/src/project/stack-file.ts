import { readFile } from "node:fs/promises";
import path from "node:path";
import { isCollection, isMap, isScalar, Pair, parseDocument, type Document, type Node } from "yaml";

import { writeDurably } from "../state/durable-file";
import { Fault, systemCode } from "../values/fault";
import { fullKey, parseConfigKey, type ConfigKey, type ConfigPath } from "./config-path";
import { deleteAt, getAt, plainOf, setAt, treeOf, type ConfigTree } from "./config-tree";
import type { Project } from "./project";
import { layoutOf, quoteAmbiguous, refuseAmbiguous } from "./yaml-text";

/** Pulumi.STACK.yaml. Comments, order and quotes stay as they are where nothing changes. */
export class StackFile {
  private constructor(
    readonly file: string,
    private readonly project: string,
    private readonly text: string,
    private readonly document: Document,
  ) {}

  private changed = false;

  /** Reads the file of a stack; one that does not exist yet is as good as empty. */
  static async load(project: Project, stack: string): Promise<StackFile> {
    const file = path.join(project.directory, project.stackConfigDir, `Pulumi.${stack}.yaml`);
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return "";
      throw error;
    });
    const document = parseDocument(text, { intAsBigInt: true, merge: true });
    if (document.errors.length > 0) {
      throw new Fault(`${file}: ${document.errors.map(({ message }) => message).join("\n")}`);
    }
    const { contents } = document;
    if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
      throw new Fault(`${file}: it must hold a map`);
    }
    const stackFile = new StackFile(file, project.name, text, document);
    stackFile.refuseUnsupported();
    return stackFile;
  }

  /** The salt of the passphrase secrets manager; `undefined`: none has been set up yet. */
  salt(): string | undefined {
    const salt = this.document.get("encryptionsalt");
    return typeof salt === "string" && salt !== "" ? salt : undefined;
  }

  setSalt(salt: string): void {
    this.changed = true;
    this.ensureMap();
    if (this.document.has("encryptionsalt") || !isMap(this.document.contents)) {
      this.document.set("encryptionsalt", salt);
      return;
    }
    // Where the CLI puts it: first. A comment that heads the file stays at its head.
    const { items } = this.document.contents;
    const key = this.document.createNode("encryptionsalt");
    const first = items[0]?.key;
    if (isScalar(first)) {
      key.commentBefore = first.commentBefore ?? null;
      first.commentBefore = null;
    }
    items.unshift(new Pair<unknown>(key, this.document.createNode(salt)));
  }

  /** All values by full key (`namespace:name`). */
  config(): Map<string, ConfigTree> {
    const config = treeOf(this.configNode()?.toJS(this.document, { mapAsMap: true }));
    if (config === null) return new Map();
    if (!(config instanceof Map)) throw new Fault(`${this.file}: "config" must be a map`);
    return new Map([...config].map(([key, value]) => [fullKey(parseConfigKey(key, this.project)), value]));
  }

  /** Sets a value, or a part of one. */
  set(key: ConfigKey, path: ConfigPath, value: ConfigTree): void {
    const current = this.config().get(fullKey(key));
    const whole = setAt(current, path, value, key.name);
    this.changed = true;
    this.ensureMap();
    const top = ["config", this.spelling(key)];
    // As little as possible is replaced, so that comments beside it stay.
    const [place, tree] = this.leadsTo(top, path) ? [[...top, ...path], value] : [top, whole];
    const node = this.document.createNode(plainOf(tree)) as Node;
    quoteAmbiguous(node);
    if (!isMap(this.configNode())) this.document.set("config", this.document.createNode({}));
    this.document.setIn(place, node);
  }

  /** Makes `config`, by full key, all there is. */
  replaceConfig(config: ReadonlyMap<string, ConfigTree>): void {
    this.changed = true;
    this.ensureMap();
    const node = this.document.createNode(
      new Map([...config].map(([key, value]) => [key, plainOf(value)])),
    ) as Node;
    quoteAmbiguous(node);
    if (config.size > 0) this.document.set("config", node);
    else this.document.delete("config");
  }

  /** Takes a value out, or a part of one. True where there was one. */
  remove(key: ConfigKey, path: ConfigPath): boolean {
    const current = this.config().get(fullKey(key));
    if (current === undefined || getAt(current, path) === undefined) return false;
    // Checks what the CLI checks, and leaves the document to do it with its comments.
    deleteAt(current, path);
    this.changed = true;
    this.document.deleteIn(["config", this.spelling(key), ...path]);
    return true;
  }

  async save(): Promise<void> {
    if (!this.changed) return;
    await writeDurably(this.file, this.document.toString(layoutOf(this.text)), 0o644);
  }

  /** The key as this file spells it: older files have `project:config:name` or no namespace. */
  private spelling(key: ConfigKey): string {
    const node = this.configNode();
    const wanted = fullKey(key);
    for (const { key: item } of isMap(node) ? node.items : []) {
      const text = isScalar(item) ? String(item.value) : "";
      if (text !== "" && fullKey(parseConfigKey(text, this.project)) === wanted) return text;
    }
    return wanted;
  }

  private leadsTo(top: readonly string[], path: ConfigPath): boolean {
    return path.every((_, index) =>
      isCollection(this.document.getIn([...top, ...path.slice(0, index)], true)),
    );
  }

  private configNode(): Node | undefined {
    const node: unknown = isMap(this.document.contents) ? this.document.get("config", true) : undefined;
    return node === undefined || node === null ? undefined : (node as Node);
  }

  private ensureMap(): void {
    if (isMap(this.document.contents)) return;
    this.document.contents = this.document.createNode({});
  }

  private refuseUnsupported(): void {
    const content = treeOf(this.document.toJS({ mapAsMap: true }) as unknown);
    if (!(content instanceof Map)) return;
    const provider = content.get("secretsprovider");
    if (typeof provider === "string" && !["", "default", "passphrase"].includes(provider)) {
      throw new Fault(
        `${this.file}: secretsprovider "${provider}" is not in the embedded engine (it takes: passphrase); install Pulumi`,
      );
    }
    if (content.has("environment")) {
      throw new Fault(
        `${this.file}: "environment" (Pulumi ESC) is not in the embedded engine; install Pulumi`,
      );
    }
    const node = this.configNode();
    if (node !== undefined) refuseAmbiguous(this.document, node, this.file);
  }
}
