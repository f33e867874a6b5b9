import type { Value } from "../../../values/value";
import { equal } from "../terraform/values";

type Edit = "add" | "delete" | "update";

/**
 * The shortest way from one list of scalars to another, as changes by index: what is removed and added at the
 * same index counts as updated. Where removing and adding cost the same, removing comes first.
 */
export function listEdits(
  old: readonly Value[],
  now: readonly Value[],
): readonly (readonly [number, Edit])[] {
  const cost = costs(old, now);
  const at = (x: number, y: number): number => cost[x]?.[y] ?? 0;
  const edits = new Map<number, Edit>();
  const note = (index: number, edit: Edit): void => {
    edits.set(index, edits.has(index) ? "update" : edit);
  };
  let [x, y] = [0, 0];
  while (x < old.length || y < now.length) {
    const [remove, insert] = [1 + at(x + 1, y), 1 + at(x, y + 1)];
    if (x === old.length) note(y++, "add");
    else if (y === now.length) note(x++, "delete");
    else if (equal(old[x] ?? null, now[y] ?? null) && at(x + 1, y + 1) < Math.min(remove, insert))
      [x, y] = [x + 1, y + 1];
    else if (insert < remove) note(y++, "add");
    else note(x++, "delete");
  }
  return [...edits];
}

/** How many edits are left from each pair of positions. */
function costs(old: readonly Value[], now: readonly Value[]): readonly (readonly number[])[] {
  const cost = old.concat(null).map(() => now.concat(null).map(() => 0));
  for (let x = old.length; x >= 0; x--) {
    const [row, below] = [cost[x] ?? [], cost[x + 1] ?? []];
    for (let y = now.length; y >= 0; y--) {
      if (x === old.length) row[y] = now.length - y;
      else if (y === now.length) row[y] = old.length - x;
      else {
        const edit = 1 + Math.min(below[y] ?? 0, row[y + 1] ?? 0);
        row[y] = equal(old[x] ?? null, now[y] ?? null) ? Math.min(edit, below[y + 1] ?? 0) : edit;
      }
    }
  }
  return cost;
}
