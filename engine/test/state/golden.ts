import { existsSync } from "node:fs";
import path from "node:path";

/** Recordings of the real Pulumi; see the README there. Not part of the repository. */
const folder = process.env.GOLDEN_RUNS ?? path.resolve(import.meta.dirname, "../../../../shared/golden");

export const hasGolden = existsSync(folder);

export const golden = (name: string): string => path.join(folder, name);
