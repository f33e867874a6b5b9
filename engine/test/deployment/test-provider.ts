import {
  PartialFailure,
  type ConfiguredProvider,
  type DiffResult,
  type Provider,
  type ResourceType,
} from "../../src/providers/provider";
import { sameValue } from "../../src/deployment/equality";
import { isUnknown, unknown, type PropertyMap } from "../../src/values/value";

/**
 * A provider over things in memory. What a thing does is up to its inputs:
 * - `key`: a change of it replaces the thing; of anything else updates it,
 * - `deleteFirst`: it is deleted before it is replaced,
 * - `fail`: the operation of that name fails (`create`, `update`, `delete`, `partial-create`),
 * - `delay`: an operation takes so many milliseconds,
 * - `bad`: its check says so.
 * Outputs: the inputs, and `serial`, a number of its own.
 */
export class World {
  readonly things = new Map<string, PropertyMap>();
  /** The URN each thing was made for, by id: what makes one that no state knows findable. */
  readonly owners = new Map<string, string>();
  /** Called right before and right after each thing is made, changed or taken away. */
  witness: (when: "before" | "after") => void = () => undefined;
  /** What was done, in order: `create a`, `delete b`. */
  readonly log: string[] = [];
  /** What was half made can be neither found nor removed. */
  unreachable = false;
  running = 0;
  mostRunning = 0;
  private serial = 0;

  /** Numbers things from here on: past those of a state that was taken over. */
  startAt(serial: number): void {
    this.serial = serial;
  }

  readonly provider: Provider = {
    name: "test",
    version: "1.0.0",
    configure: (): ConfiguredProvider => ({
      resources: { "test:index:Thing": this.thing },
      functions: {
        "test:index:echo": (args) =>
          args["fail"] === true
            ? Promise.reject(new Error("the echo failed"))
            : Promise.resolve({ result: args }),
      },
    }),
  };

  private readonly thing: ResourceType = {
    check: ({ news }) =>
      Promise.resolve({
        inputs: news,
        failures: news["bad"] === undefined ? [] : [{ property: "bad", reason: "it is bad" }],
      }),
    diff: ({ oldInputs, news }) => Promise.resolve(diffThings(oldInputs, news)),
    create: async ({ urn, inputs, preview, signal }) => {
      if (preview) return { outputs: { ...inputs, serial: unknown } };
      await this.work("create", urn, inputs, signal);
      this.serial += 1;
      const id = `id-${this.serial}`;
      this.owners.set(id, urn);
      this.take(() => this.things.set(id, inputs));
      const outputs = { ...inputs, serial: this.serial };
      if (inputs["fail"] === "partial-create") throw new PartialFailure("not ready", id, outputs);
      return { id, outputs };
    },
    update: async ({ urn, id, inputs, oldOutputs, preview, signal }) => {
      const outputs = { ...inputs, serial: oldOutputs["serial"] ?? null };
      if (preview) return outputs;
      await this.work("update", urn, inputs, signal);
      this.take(() => this.things.set(id, inputs));
      return outputs;
    },
    delete: async ({ urn, id, inputs, signal }) => {
      await this.work("delete", urn, inputs, signal);
      this.take(() => this.things.delete(id));
    },
    recoverCreate: ({ urn, knownIds }) => {
      if (this.unreachable) return Promise.reject(new Error("the things cannot be reached"));
      const halfMade = [...this.things.keys()].filter(
        (id) => this.owners.get(id) === urn && !knownIds.has(id),
      );
      for (const id of halfMade) this.take(() => this.things.delete(id));
      return Promise.resolve(halfMade.length === 0 ? undefined : `removed ${halfMade.join()}`);
    },
    read: ({ id, outputs }) => {
      const inputs = this.things.get(id);
      return Promise.resolve(
        inputs === undefined ? undefined : { id, inputs, outputs: { ...outputs, ...inputs } },
      );
    },
  };

  private take(effect: () => unknown): void {
    this.witness("before");
    effect();
    this.witness("after");
  }

  private async work(verb: string, urn: string, inputs: PropertyMap, signal: AbortSignal): Promise<void> {
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      const { delay } = inputs;
      await wait(typeof delay === "number" ? delay : 1, signal);
      if (inputs["fail"] === verb) throw new Error(`cannot ${verb} ${name}`);
      this.log.push(`${verb} ${name}`);
    } finally {
      this.running -= 1;
    }
  }
}

function diffThings(olds: PropertyMap, news: PropertyMap): DiffResult {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const diffs = names.filter((name) => {
    const [before, after] = [olds[name], news[name]];
    return before === undefined || after === undefined || isUnknown(after) || !sameValue(before, after);
  });
  const replaces = diffs.filter((name) => name === "key");
  return {
    changes: diffs.length > 0 ? "some" : "none",
    diffs,
    replaces,
    deleteBeforeReplace: news["deleteFirst"] === true,
    detailedDiff: Object.fromEntries(
      diffs.map((name) => [name, { kind: name === "key" ? "update-replace" : "update", inputDiff: false }]),
    ),
  };
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("ended"));
    });
  });
}
