/**
 * What has a name in the list `setting` that another one there has. Judged by what was given rather than by what could
 * be parsed: a fault in one must not hide this one.
 */
export function takenNames(setting: string, list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  // nginx looks up users' rights without regard to case.
  const names = list.map((item: unknown) => nameOf(item)?.toLowerCase());
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const found = JSON.stringify(nameOf(list[index]));
    return [`${setting}[${index}].name is taken already by ${setting}[${first}]; found ${found}`];
  });
}

function nameOf(item: unknown): string | undefined {
  const name = (item as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
}
