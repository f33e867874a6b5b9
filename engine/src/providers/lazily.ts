import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A CommonJS package that is loaded when it is first used: most runs never come to it. */
export const lazily =
  (name: string): (() => unknown) =>
  (): unknown =>
    load(name);
