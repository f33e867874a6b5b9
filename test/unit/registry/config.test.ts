import { expect, it } from "vitest";
import { parse } from "yaml";
import { renderRegistryConfig } from "../../../components/registry/config";

const secret = "00ff".repeat(16);
const config = parse(renderRegistryConfig({ httpSecret: secret })) as unknown;

it("is what distribution reads", () => {
  expect(config).toMatchObject({
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: "/var/lib/registry" },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
    },
    http: {
      addr: ":5000",
      secret,
      draintimeout: "60s",
      debug: { addr: ":5001", prometheus: { enabled: true } },
    },
    health: { storagedriver: { enabled: true } },
  });
});

it.each(["1".repeat(64), "1e5", "0x1f", "true", "a: b", "x\n- y", "*a", "${HOME}", "#", "'\""])(
  "keeps the secret %j the text it is",
  (text) => {
    expect(parse(renderRegistryConfig({ httpSecret: text }))).toHaveProperty("http.secret", text);
  },
);
