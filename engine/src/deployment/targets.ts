import type { Urn } from "../state/resource";

/**
 * The resources an option like `--target` names: URNs, or patterns in which `*` stands for anything within a
 * part of a URN and `**` for anything at all. Without any, everything is named.
 */
export class Targets {
  private readonly literals: Set<Urn>;
  private readonly patterns: readonly RegExp[];
  /** False: nothing was named, so that everything is meant. */
  readonly constrained: boolean;

  constructor(targets: readonly string[] = []) {
    this.literals = new Set(targets.filter((target) => !target.includes("*")));
    this.patterns = targets.filter((target) => target.includes("*")).map(toPattern);
    this.constrained = targets.length > 0;
  }

  /** The URNs that were named in full. */
  get named(): readonly Urn[] {
    return [...this.literals];
  }

  contains(urn: Urn): boolean {
    return !this.constrained || this.containsExplicitly(urn);
  }

  /** True only where something was named and `urn` is it. */
  containsExplicitly(urn: Urn): boolean {
    return this.literals.has(urn) || this.patterns.some((pattern) => pattern.test(urn));
  }

  /** Names one more. */
  add(urn: Urn): void {
    this.literals.add(urn);
  }
}

function toPattern(glob: string): RegExp {
  const source = glob
    .split("**")
    .map((part) =>
      part
        .split("*")
        .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join("[^:]*"),
    )
    .join(".*");
  return new RegExp(`^${source}$`);
}
