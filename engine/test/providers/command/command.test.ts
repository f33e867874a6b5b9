import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { provider } from "../../../src/providers/command";
import type { OperationContext, ResourceType } from "../../../src/providers/provider";
import { isUnknown, type PropertyMap } from "../../../src/values/value";

const { resources, functions } = provider.configure({});
const command = resources["command:local:Command"] as ResourceType;
const urn = "urn:pulumi:dev::test::command:local:Command::it";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-command-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

function context(over: Partial<OperationContext> = {}): OperationContext & { readonly lines: string[] } {
  const lines: string[] = [];
  return { signal: new AbortController().signal, log: (_severity, line) => lines.push(line), lines, ...over };
}

async function create(inputs: PropertyMap, over = context()): Promise<PropertyMap> {
  return (await command.create({ ...over, urn, inputs, preview: false })).outputs;
}

describe("local.Command", () => {
  it("runs create with stdin, environment and folder, and keeps what it printed", async () => {
    const inputs = {
      create: 'cat; echo " $WHO in $PWD"; echo oops >&2',
      stdin: "hello",
      environment: { WHO: "me" },
      dir: folder,
    };
    const { id, outputs } = await command.create({ ...context(), urn, inputs, preview: false });
    expect(id).toMatch(/^it[0-9a-f]{8}$/);
    expect(outputs).toEqual({ ...inputs, stdout: `hello me in ${folder}`, stderr: "oops" });
  });

  it("takes away one line's end, no more", async () => {
    expect((await create({ create: "printf 'a\\n\\n'" }))["stdout"]).toBe("a\n");
  });

  it("runs nothing in a preview", async () => {
    const file = path.join(folder, "preview");
    const inputs = { create: `touch ${file}` };
    const { outputs } = await command.create({ ...context(), urn, inputs, preview: true });
    expect(isUnknown(outputs["stdout"] ?? null)).toBe(true);
    expect(fs.existsSync(file)).toBe(false);
  });

  it("runs update, or create where there is none, with what was printed before in its environment", async () => {
    const update = (inputs: PropertyMap, oldOutputs: PropertyMap) =>
      command.update({ ...context(), urn, id: "it", inputs, oldInputs: {}, oldOutputs, preview: false });
    const old = { stdout: "before", stderr: "" };
    expect((await update({ create: "exit 1", update: "echo $PULUMI_COMMAND_STDOUT" }, old))["stdout"]).toBe(
      "before",
    );
    expect((await update({ create: "echo again" }, old))["stdout"]).toBe("again");
    const without = { update: "echo [$PULUMI_COMMAND_STDOUT]", addPreviousOutputInEnv: false };
    expect((await update(without, old))["stdout"]).toBe("[]");
    expect((await update({ delete: "true" }, old))["stdout"]).toBe("before");
  });

  it("runs delete with what the resource was made with", async () => {
    const file = path.join(folder, "deleted");
    const outputs = {
      delete: `echo "$WHO $PULUMI_COMMAND_STDOUT" > ${file}`,
      environment: { WHO: "me" },
      stdout: "out",
      stderr: "",
    };
    await command.delete({ ...context(), urn, id: "it", inputs: {}, outputs });
    expect(fs.readFileSync(file, "utf8")).toBe("me out\n");
  });

  it("uses another interpreter", async () => {
    expect((await create({ create: "console.log(6 * 7)", interpreter: ["node", "-e"] }))["stdout"]).toBe(
      "42",
    );
  });

  it("logs what it was asked to, line by line", async () => {
    const create2 = "echo out; sleep 0.1; echo err >&2";
    for (const [logging, expected] of [
      [undefined, ["out", "err"]],
      ["stdout", ["out"]],
      ["stderr", ["err"]],
      ["none", []],
    ] as const) {
      const over = context();
      await create({ create: create2, ...(logging === undefined ? {} : { logging }) }, over);
      expect(over.lines).toEqual(expected);
    }
  });

  it("fails in the plugin's words: status, command, and all that was printed", async () => {
    await expect(create({ create: "echo a; echo b >&2; exit 3" })).rejects.toThrow(
      /^exit status 3: running "echo a; echo b >&2; exit 3":\n(a\nb|b\na)\n$/,
    );
    await expect(create({ create: "true", dir: "/nowhere" })).rejects.toThrow(/ENOENT/);
  });

  it("does not mind a command that leaves its input unread", async () => {
    expect((await create({ create: "echo done", stdin: "x".repeat(4_000_000) }))["stdout"]).toBe("done");
  });

  it("ends a command with all it has started, when the run is stopped or the time is over", async () => {
    const file = path.join(folder, "survivor");
    const script = `(sleep 2; touch ${file}) & wait`;
    const controller = new AbortController();
    const running = create({ create: script }, context({ signal: controller.signal }));
    setTimeout(() => {
      controller.abort();
    }, 200);
    await expect(running).rejects.toThrow(/^stopped before it ended/);
    await expect(create({ create: script }, context({ timeout: 0.2 }))).rejects.toThrow(
      /^timed out after 0.2 s/,
    );
    await sleep(2500);
    expect(fs.existsSync(file)).toBe(false);
  });

  it("tells differences by path, as the real plugin does, and replaces for triggers alone", async () => {
    const oldInputs = { create: "a", environment: { S: "1", "a-b": "x" }, triggers: ["1"], stdin: "s" };
    const diff = (news: PropertyMap) =>
      command.diff({ urn, id: "it", oldInputs, oldOutputs: oldInputs, news, ignoreChanges: [] });
    expect((await diff(oldInputs)).changes).toBe("none");
    const changed = await diff({
      ...oldInputs,
      environment: { S: "2", "a-b": "y" },
      stdin: "t",
      update: "u",
    });
    expect(changed.detailedDiff).toEqual({
      "environment.S": { kind: "update", inputDiff: false },
      'environment["a-b"]': { kind: "update", inputDiff: false },
      stdin: { kind: "update", inputDiff: false },
      update: { kind: "add", inputDiff: false },
    });
    const replaced = await diff({ ...oldInputs, triggers: ["2", "3"] });
    expect(replaced.detailedDiff).toEqual({
      "triggers[0]": { kind: "update-replace", inputDiff: false },
      "triggers[1]": { kind: "add-replace", inputDiff: false },
    });
  });

  it("refuses inputs it does not know, by name", async () => {
    const { failures } = await command.check({
      urn,
      news: { create: "x", enviroment: {}, logging: "all", assetPaths: ["x"] },
    });
    expect(failures.map(({ property }) => property)).toEqual(["enviroment", "logging", "assetPaths"]);
    expect(failures[0]?.reason).toMatch(/did you mean environment\?.*install Pulumi/);
    expect(failures[1]?.reason).toContain('stdoutAndStderr, none; found "all"');
  });
});

describe("local.run", () => {
  const run = functions["command:local:run"];
  it("returns its inputs with what the command printed", async () => {
    const answer = await run?.({ command: "echo hi", logging: "none" }, context());
    expect(answer?.result).toEqual({ command: "echo hi", logging: "none", stdout: "hi", stderr: "" });
  });
  it("names a missing command", async () => {
    expect((await run?.({}, context()))?.failures).toEqual([{ property: "command", reason: "is missing" }]);
  });
});
