import { beforeAll, expect, it } from "vitest";
import { files } from "../../support/files";
import { registryContainer, runProgram, type Run } from "../../support/program";

const users = [{ name: "ci", access: "push" }];
let run: Run;
beforeAll(async () => {
  run = await runProgram({ users });
});

it("publishes the second address where there is to be one", async () => {
  const both = await runProgram({ users, anonymousPullPort: 38124 });
  expect(both.one("gateway-container").inputs["ports"]).toEqual([
    { internal: 8443, external: 38123, ip: "127.0.0.1" },
    { internal: 8444, external: 38124, ip: "127.0.0.1" },
  ]);
  expect(files(both.one("gateway-files-revision"))["nginx.conf"]).toContain("listen 8444 ssl");
  expect(files(run.one("gateway-files-revision"))["nginx.conf"]).not.toContain("8444");
});

it("has a verifier of each generated password, and of no password that a person chose", async () => {
  const both = await runProgram({
    users: [...users, { name: "person", access: "pull", password: "chosen by a person" }],
  });
  const { "verifiers.map": verifiers = "", "users.htpasswd": hashes = "" } = files(
    both.one("gateway-files-revision"),
  );
  expect(verifiers).toMatch(/^"ci" "[A-Za-z0-9_-]{22}";\n$/);
  expect(hashes).toMatch(/^ci:\{SSHA\}.*\nperson:\$2y\$08\$/);
});

it("mounts the registry's storage into the gateway, read-only", () => {
  const volumes = (name: string) => run.one(name).inputs["volumes"] as Record<string, unknown>[];
  const storage = volumes(registryContainer).find(({ hostPath }) => hostPath !== undefined);
  expect(volumes("gateway-container")).toContainEqual({
    hostPath: storage?.["hostPath"],
    containerPath: "/srv/registry",
    readOnly: true,
  });
  expect(volumes("gateway-container").every(({ readOnly }) => readOnly)).toBe(true);
});

it("runs the gateway in the group of the data folder where others may not read it", async () => {
  const inspected = "owner\t1000:1000\nregistry\tgen-r\ngateway\tgen-g\n";
  expect(run.one("gateway-container").inputs["user"]).toBe("33:33");
  const group = await runProgram({ users }, { inspected: `${inspected}group\t1000\n` });
  expect(group.one("gateway-container").inputs["user"]).toBe("33:1000");
  expect(group.one("gateway-files-revision").inputs["environment"]).toMatchObject({ OWNER: "33:33" });
});

it("leaves blobs to the registry, and says why, where nobody else may read them", async () => {
  const inspected = "owner\t1000:1000\nregistry\tgen-r\ngateway\tgen-g\nclosed\t700 /srv/data\n";
  const closed = await runProgram({ users }, { inspected });
  const conf = files(closed.one("gateway-files-revision"))["nginx.conf"] ?? "";
  expect(conf).toMatch(/map "" \$linked \{\s+default off;/);
  expect(conf).toContain('"storage has mode 700"');
  expect(conf).not.toContain("if (-f");
});
