/**
 * Users whose name another one has. Judged by what was given rather than by what could be parsed: a fault in one user
 * must not hide this one.
 */
export function takenNames(users: unknown): string[] {
  if (!Array.isArray(users)) return [];
  // nginx looks up rights without regard to case.
  const names = users.map((user: unknown) => nameOf(user)?.toLowerCase());
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const found = JSON.stringify(nameOf(users[index]));
    return [`users[${index}].name is taken already by users[${first}]; found ${found}`];
  });
}

function nameOf(user: unknown): string | undefined {
  const name = (user as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
}
