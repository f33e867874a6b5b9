/** A `preview --json` made comparable: steps by operation and URN, without what differs from run to run. */
export function previewSteps(json: string): unknown {
  const { steps, changeSummary } = JSON.parse(json) as {
    readonly steps: readonly { readonly op: string; readonly urn: string }[];
    readonly changeSummary: Readonly<Record<string, number>>;
  };
  return {
    changeSummary,
    steps: Object.fromEntries(steps.map((step) => [`${step.op} ${step.urn}`, comparable(step)])),
  };
}

function comparable(step: { readonly op: string }): unknown {
  return JSON.parse(
    JSON.stringify(step, (name, value: unknown) => {
      if (["stackTrace", "sourcePosition", "created", "modified"].includes(name)) return undefined;
      // The command plugin draws an id even for what it only previews.
      if (name === "id" && step.op === "replace") return undefined;
      if (typeof value === "string") return value.replace(/^replaced[0-9a-f]{8}$/, "replaced…");
      const isUnordered = /^(dependencies|diffReasons|replaceReasons)$/.test(name);
      if (name === "propertyDependencies") return sortedLists(value as Record<string, readonly string[]>);
      return isUnordered && Array.isArray(value) ? [...(value as string[])].sort() : value;
    }),
  );
}

const sortedLists = (lists: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list].sort()]));
