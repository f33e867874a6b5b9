import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command, Engine } from "./measure";

const checkout = path.resolve(__dirname, "../..");

/** Three resources a host: what a stack has that trusts a registry on `hosts` machines. */
const program = `import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

const hosts = new pulumi.Config().requireNumber("hosts");
for (let host = 0; host < hosts; host++) {
  const password = new random.RandomPassword(\`password-\${host}\`, { length: 16 });
  const key = new tls.PrivateKey(\`key-\${host}\`, { algorithm: "ED25519" });
  new command.local.Command(\`command-\${host}\`, {
    create: "true",
    stdin: pulumi.interpolate\`\${password.result} \${key.publicKeyPem}\`,
    environment: { HOST: \`host-\${host}\` },
  });
}
`;

/** A project whose stack grows with a setting, in a folder of its own. */
export class ManyHosts {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "bench-engine-"));

  constructor() {
    mkdirSync(path.join(this.folder, ".state"));
    symlinkSync(path.join(checkout, "node_modules"), path.join(this.folder, "node_modules"));
    this.write("Pulumi.yaml", "name: many\nruntime: nodejs\n");
    this.write("package.json", '{"name": "many", "main": "index.ts"}');
    this.write("index.ts", program);
    this.write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: { noCheck: true, module: "commonjs", moduleResolution: "node", target: "es2022" },
      }),
    );
  }

  command(engine: Engine, ...args: readonly string[]): Command {
    const main = path.join(checkout, "engine/bin/pulumi.mjs");
    return {
      ...(engine === "cli"
        ? { program: "pulumi", args: ["-C", this.folder, ...args] }
        : { program: process.execPath, args: [main, "-C", this.folder, ...args] }),
      cwd: checkout,
      env: {
        ...process.env,
        PULUMI_HOME: path.join(this.folder, ".home"),
        PULUMI_BACKEND_URL: `file://${this.folder}/.state`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }
}
