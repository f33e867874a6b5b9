import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noHosts, onHost, TestHosts, type TestHost } from "../support/hosts";
import { TrustTarget } from "../support/trust-target";

const why = await noHosts("el6", "el7");
/** What changes files; everything else of it is the shell's own. */
const STEPS = ["mkdir", "cp", "mv", "rm", "rmdir"];
const KILLS = [1, 2, 4, 9, 12, 17];

/** Runs that end in the middle: the script is killed at one of its steps, right before it or right after. */
describe.skipIf(why !== undefined).each(["el7", "el6"] as const)(
  `a run that is killed on %s ${why ?? ""}`,
  (family) => {
    const hosts = new TestHosts();
    let target: TrustTarget;
    let stranger: TrustTarget;
    let host: TestHost;
    let before: string[];
    let size: number;

    beforeAll(async () => {
      [host, target, stranger] = await Promise.all([
        hosts.start(family),
        TrustTarget.start(),
        TrustTarget.start(),
      ]);
      before = await host.snapshot();
      size = await certificates();
    });
    afterAll(async () => {
      target.close();
      stranger.close();
      await hosts.remove();
    });
    const asked = () => ({ target, key: hosts.key });
    const certificates = async () =>
      Number(await host.must("grep -c BEGIN /etc/pki/tls/certs/ca-bundle.crt"));
    const curl = async (of: TrustTarget) =>
      (await host.sh(`curl -sS -o /dev/null -w '%{http_code}' https://${of.registry}/v2/`)).output;

    /** Kills the script at its nth step; false where it has fewer. */
    async function killed(n: number, verb: "install" | "add" | "remove"): Promise<boolean> {
      const count = "echo >>/tmp/steps; [ $(wc -l </tmp/steps) -eq " + String(n) + " ]";
      const kill = "touch /tmp/killed; kill -9 $PPID; exit";
      const script =
        n % 2 === 0
          ? `if ${count}; then ${kill}; fi; exec "$real" "$@"`
          : `"$real" "$@"; code=$?; if ${count}; then ${kill}; fi; exit $code`;
      await Promise.all(STEPS.map((step) => host.wrap(step, script)));
      await onHost(host, verb, asked());
      await host.unwrap();
      return (await host.sh("rm -f /tmp/steps; rm /tmp/killed")).code === 0;
    }

    async function done(verb: "install" | "add" | "remove"): Promise<void> {
      const { answer, code, output } = await onHost(host, verb, asked());
      expect(answer.failed, output).toBeUndefined();
      expect(code, output).toBe(0);
      expect(output).not.toContain("changed by somebody else");
    }

    it.each(["install", "remove"] as const)(
      "%s: what is left of it is taken back to the byte",
      async (verb) => {
        let times = 0;
        for (const n of KILLS) {
          if (verb === "remove") await done("install");
          if (!(await killed(n, verb))) break;
          times++;
          expect([size, size + 1], "the bundle is whole").toContain(await certificates());
          if (n % 3 === 0) await done("install");
          await done("remove");
          expect(await host.snapshot(), `${verb}, step ${n}`).toEqual(before);
        }
        expect(times).toBeGreaterThan(2);
      },
      240_000,
    );

    it("in a rollover: the next run goes on, and no other CA is trusted meanwhile", async () => {
      let times = 0;
      for (const n of KILLS) {
        await done("install");
        const old = target.ca;
        target.ca = TrustTarget.authority();
        const dead = await killed(n, "add");
        expect(await curl(target), "the old certificate").toBe("401");
        await done("add");
        target.show(target.ca);
        expect(await curl(target), "the new one").toBe("401");
        if (await killed(n, "install")) times++;
        await done("install");
        expect(await curl(target)).toBe("401");
        expect(await curl(stranger)).toMatch(/SSL certificate problem/);
        const next = target.ca;
        target.show(old);
        expect(await curl(target), "the old one").toMatch(/SSL certificate problem/);
        target.show(next);
        await done("remove");
        expect(await host.snapshot(), `step ${n}`).toEqual(before);
        if (!dead) break;
      }
      expect(times).toBeGreaterThan(2);
    }, 240_000);
  },
);
