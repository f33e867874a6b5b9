/** An engine event in the CLI's own form, as far as these tests look at it. */
export interface CliEvent {
  readonly resourcePreEvent?: { readonly metadata: CliMetadata };
  readonly resOutputsEvent?: { readonly metadata: CliMetadata };
  readonly summaryEvent?: {
    readonly resourceChanges: Readonly<Record<string, number>>;
    readonly result?: string;
  };
  readonly [kind: string]: unknown;
}

interface CliMetadata {
  readonly op: string;
  readonly urn: string;
  readonly keys?: readonly string[] | null;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  readonly logical?: boolean;
  readonly old: CliState | null;
  readonly new: CliState | null;
}
interface CliState {
  readonly dependencies?: readonly string[];
  readonly parent?: string;
  readonly [name: string]: unknown;
}

/** `text` with one event a line. */
export const asEvents = (text: string): CliEvent[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as CliEvent);

/** What happened to which resource and why, without order; and the sum. */
export function digest(events: readonly CliEvent[]): unknown {
  const steps = events.flatMap((event) => {
    const [kind, { metadata }] =
      event.resourcePreEvent !== undefined
        ? (["begins", event.resourcePreEvent] as const)
        : (["ends", event.resOutputsEvent ?? { metadata: undefined }] as const);
    if (metadata === undefined) return [];
    const { op, urn, keys, diffs, detailedDiff, logical } = metadata;
    const why = [[...(keys ?? [])].sort(), [...(diffs ?? [])].sort(), detailedDiff ?? {}, logical === true];
    return [`${urn} ${kind} ${op} ${JSON.stringify(why)} ${shapeOf(metadata.old)} ${shapeOf(metadata.new)}`];
  });
  const sum = events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  return { steps: steps.sort(), changes: sum?.resourceChanges };
}

const shapeOf = (state: CliState | null): string => (state === null ? "-" : Object.keys(state).sort().join());

/**
 * Where something began too early: a resource before what it depends on has ended; a deletion before that of what
 * depends on it.
 */
export function dependencyFaults(events: readonly CliEvent[]): string[] {
  const faults: string[] = [];
  const ended = new Set<string>();
  const deletions = events.flatMap(({ resourcePreEvent: { metadata } = {} }) =>
    metadata?.op.startsWith("delete") === true ? [metadata] : [],
  );
  for (const { resourcePreEvent, resOutputsEvent } of events) {
    if (resOutputsEvent !== undefined) ended.add(keyOf(resOutputsEvent.metadata));
    if (resourcePreEvent === undefined) continue;
    const { metadata } = resourcePreEvent;
    const isDeletion = metadata.op.startsWith("delete");
    const awaited = isDeletion
      ? deletions.filter(({ old }) => dependenciesOf(old).includes(metadata.urn)).map(keyOf)
      : dependenciesOf(metadata.new).map((urn) => `there ${urn}`);
    const told = new Set(
      events.flatMap((event) => (event.resOutputsEvent ? [keyOf(event.resOutputsEvent.metadata)] : [])),
    );
    for (const key of awaited) {
      if (told.has(key) && !ended.has(key)) faults.push(`${metadata.op} ${metadata.urn} before ${key}`);
    }
  }
  return faults;
}

const keyOf = ({ op, urn }: CliMetadata): string => `${op.startsWith("delete") ? "gone" : "there"} ${urn}`;

const dependenciesOf = (state: CliState | null): readonly string[] => state?.dependencies ?? [];
