import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RealParts } from "../real-parts";
import { EverythingProject, other, type Engine } from "./everything-project";
import { previewSteps } from "./preview-steps";
import { realPulumi } from "./real-pulumi";

const skipped = realPulumi === undefined || !RealParts.canBeHad();

describe.skipIf(skipped).each<Engine>(["embedded", "real"])(
  "a stack of the %s engine (skipped without a real pulumi on PATH, Docker or sshd)",
  (engine) => {
    const second = other(engine);
    let stack: EverythingProject;
    beforeAll(async () => {
      stack = await EverythingProject.start(`both-${engine}`);
    }, 180_000);
    afterAll(() => stack.stop());

    it.each([
      ["create", 1],
      ["change", 2],
      ["remove", 3],
    ])(
      "after %s is unchanged for the other, which can go on with it",
      async (_name, step) => {
        await stack.set("step", String(step));
        const [ours, theirs] = [
          previewSteps(await stack.ok(engine, ["preview", "--json"])),
          previewSteps(await stack.ok(second, ["preview", "--json"])),
        ];
        expect(ours).toEqual(theirs);
        await stack.ok(engine, ["up", "--yes", "--skip-preview"]);
        await stack.ok(second, ["preview", "--diff", "--expect-no-changes"]);
        await stack.ok(second, ["refresh", "--yes", "--skip-preview", "--diff", "--expect-no-changes"]);
        await stack.ok(second, ["up", "--yes", "--skip-preview", "--diff", "--expect-no-changes"]);
        await stack.ok(engine, ["preview", "--diff", "--expect-no-changes"]);
        await stack.ok(engine, ["refresh", "--yes", "--skip-preview", "--diff", "--expect-no-changes"]);
      },
      300_000,
    );

    it("after a kill is gone on with by the other", async () => {
      await stack.set("slow", "true");
      await stack.interrupt(engine, ["up", "--yes", "--skip-preview"], "slow", "SIGKILL");
      await (second === "real" ? realGoesOn() : embeddedGoesOn());
      expect(await stack.creating()).toEqual([]);
      await stack.ok(second, ["preview", "--diff", "--expect-no-changes"]);
      await stack.ok(engine, ["preview", "--diff", "--expect-no-changes"]);
    }, 120_000);

    /** Pulumi leaves the lock and what was under way to people. */
    async function realGoesOn(): Promise<void> {
      expect((await stack.run("real", ["up", "--yes", "--skip-preview"])).err).toContain("locked by 1 lock");
      await stack.ok("real", ["cancel", "--yes"]);
      const told = await stack.ok("real", ["up", "--yes", "--skip-preview"]);
      expect(told).toMatch(/slow, interrupted while creating/);
      expect(await stack.creating()).toEqual(["slow"]);
      await stack.ok("real", ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
    }

    async function embeddedGoesOn(): Promise<void> {
      const { code, out, err } = await stack.run("embedded", ["up", "--yes", "--skip-preview"]);
      expect(err).toContain("removed the lock of a run that has ended");
      expect(out).toMatch(
        /slow: the last run ended while this was being created; its command may have run in part/,
      );
      expect(out).toContain("slow created");
      expect(code).toBe(0);
    }

    it("after ^C is gone on with by the other", async () => {
      await stack.set("slow", "false");
      await stack.ok(engine, ["up", "--yes", "--skip-preview"]);
      await stack.set("slow", "true");
      await stack.interrupt(engine, ["up", "--yes", "--skip-preview"], "slow", "SIGINT");
      await stack.ok(second, ["up", "--yes", "--skip-preview"]);
      await stack.ok(engine, ["preview", "--diff", "--expect-no-changes"]);
    }, 120_000);

    it("is destroyed by the other", async () => {
      await stack.ok(second, ["destroy", "--yes"]);
      await stack.ok(engine, ["stack", "rm", "--yes"]);
    }, 120_000);
  },
);
