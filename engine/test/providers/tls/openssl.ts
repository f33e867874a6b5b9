import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { provider } from "../../../src/providers/tls";
import { revealAll, type PropertyMap } from "../../../src/values/value";
import type { OperationContext } from "../../../src/providers/provider";

export const configured = provider.configure({});
export const context: OperationContext = { log: () => undefined, signal: new AbortController().signal };

/** What the real `openssl` (or `ssh-keygen`) says; an argument `{text}` is a file with that text. */
export function ask(program: string, ...args: readonly (string | { readonly text: string })[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tls-"));
  try {
    const files = args.map((arg, index) => {
      if (typeof arg === "string") return arg;
      const file = path.join(folder, String(index));
      writeFileSync(file, arg.text, { mode: 0o600 });
      return file;
    });
    return execFileSync(program, files, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
export const openssl = (...args: readonly (string | { readonly text: string })[]): string =>
  ask("openssl", ...args);

/** A resource as the engine has it made: its outputs, secrets shown. */
export interface Made extends PropertyMap {
  readonly id: string;
}

export async function make(name: string, news: PropertyMap): Promise<Made> {
  const type = typeOf(name);
  const urn = `urn:pulumi:dev::test::tls:index/${name}::x`;
  const { inputs, failures } = await type.check({ urn, news });
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  const made = await type.create({ ...context, urn, inputs: revealAll(inputs), preview: false });
  return { ...revealAll(made.outputs), id: made.id ?? "" };
}

export function typeOf(name: string) {
  const token = `tls:index/${name}:${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
  const type = configured.resources[token];
  if (type === undefined) throw new Error(`there is no ${token}`);
  return type;
}

export const textOf = (made: PropertyMap, name: string): string => {
  const value = made[name];
  if (typeof value !== "string") throw new Error(`${name} is no text`);
  return value;
};
export const pemOf = (made: PropertyMap, name: string): { readonly text: string } => ({
  text: textOf(made, name),
});
