import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Folder, ROOT, all, have, run, type Result } from "../unit/scripts/run";
import { Containers, noDocker, provide } from "./containers";
import { authority, tlsRegistry, type TlsRegistry } from "./tls-registry";

vi.setConfig({ testTimeout: 60_000 });

const folder = new Folder();
const containers = new Containers();
let registry: TlsRegistry;

afterAll(async () => {
  await containers.dispose();
  folder.dispose();
});

/** A folder that stands for a Debian machine's root, with a store of its own. */
function debian(name: string): string {
  folder.file(`${name}/etc/hosts`, "127.0.0.1 localhost\n");
  folder.file(`${name}/etc/ssl/certs/ca-certificates.crt`);
  folder.file(`${name}/etc/ca-certificates.conf`);
  folder.file(`${name}/etc/ca-certificates/update.d/.keep`);
  folder.file(`${name}/usr/share/ca-certificates/.keep`);
  folder.file(`${name}/usr/local/share/ca-certificates/.keep`);
  folder.file(`${name}/var/lib/.keep`);
  return join(folder.path, name);
}

function trust(verb: string, root: string, ca: string): Promise<Result> {
  const values = {
    STACK: "dev",
    HOSTNAME_: "registry.test",
    PORT: String(registry.port),
    ADDRESS: "127.0.0.1",
  };
  const env = {
    PATH: process.env.PATH,
    SSL_CERT_FILE: "/dev/null",
    CURL_CA_BUNDLE: "/dev/null",
    ...values,
    ROOT_DIR: root,
  };
  return run("scripts/local-trust.sh", [verb], { env, input: ca });
}

describe.skipIf((await noDocker()) !== undefined || !have("update-ca-certificates"))(
  "the proof at the end of install",
  () => {
    beforeAll(async () => {
      registry = await tlsRegistry(containers, folder, "own", "registry.test");
    }, 600_000);

    test("is a handshake that the machine's store accepts", async () => {
      const root = debian("good");
      expect((await trust("install", root, registry.ca)).code).toBe(0);
      expect(all(await trust("install", root, registry.ca))).toBe("(exit code 0)");
      expect((await trust("status", root, "")).code).toBe(0);
    });

    test("refuses a registry of another CA: exit code 4, and says what to look at", async () => {
      const result = await trust("install", debian("bad"), authority(folder, "stranger"));
      expect(result.code).toBe(4);
      expect(result.stderr).toContain(`https://registry.test:${String(registry.port)}/v2/: expected 401`);
      expect(result.stderr).toMatch(/certificate|curl: \(60\)/);
    });

    test("finds a registry that is gone", async () => {
      const root = debian("gone");
      await trust("install", root, registry.ca);
      const { port } = registry;
      registry = { ...registry, port: 1 };
      const result = await trust("install", root, registry.ca);
      registry = { ...registry, port };
      expect(result.code).toBe(4);
      expect(result.stderr).toContain("expected 401");
    });
  },
);

describe.skipIf((await noDocker()) !== undefined)(
  "on a machine where /etc/hosts is a mount of its own",
  () => {
    test("install writes into it and remove gives every byte back", async () => {
      const mounts = ["scripts", "components"].map((room) => `--volume=${join(ROOT, room)}:/${room}:ro`);
      const name = await containers.start(["--init", ...mounts], await provide("gateway"), ["sleep", "300"]);
      const ca = authority(folder, "mounted");
      const inside = (verb: string, input: string): Promise<Result> => {
        const values = ["STACK=dev", "HOSTNAME_=registry.test", "PORT=8443", "ADDRESS=172.17.0.1", "PROVE=0"];
        const env = values.flatMap((value) => ["--env", value]);
        return run("docker", ["exec", "--interactive", ...env, name, "sh", "/scripts/local-trust.sh", verb], {
          input,
        });
      };
      const look = "sha256sum /etc/hosts; find /etc/docker /var/lib";
      const before = await containers.inside(name, look);

      const install = await inside("install", ca);
      expect(install.code, all(install)).toBe(0);
      expect(install.stderr).toContain("store of certificates is not one this knows");
      expect((await containers.inside(name, "grep -c registry.test /etc/hosts")).stdout).toBe("1\n");
      expect(
        (await containers.inside(name, "cat /etc/docker/certs.d/registry.test:8443/ca.crt")).stdout,
      ).toBe(ca);
      expect(all(await inside("install", ca))).toBe("(exit code 0)");

      expect((await inside("remove", "")).code).toBe(0);
      expect(await containers.inside(name, look)).toEqual(before);
    });
  },
);
