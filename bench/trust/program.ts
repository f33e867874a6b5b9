import * as fs from "node:fs";
import * as path from "node:path";

/** A Pulumi program of nothing but the trust: the real components, on hosts and a CA that come by files. */
export function writeProgram(folder: string, settings: object, authority: string): void {
  const checkout = process.cwd();
  fs.mkdirSync(folder);
  const write = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  };
  write("Pulumi.yaml", "name: bench-trust\nruntime: nodejs\n");
  write("settings.json", JSON.stringify(settings));
  write("ca.pem", authority);
  write("package.json", JSON.stringify({ main: "index.ts" }));
  write("tsconfig.json", fs.readFileSync(path.join(checkout, "tsconfig.json"), "utf8"));
  write("index.ts", PROGRAM);
  for (const name of ["components", "node_modules"])
    fs.symlinkSync(path.join(checkout, name), path.join(folder, name));
}

const PROGRAM = `
import * as fs from "node:fs";
import { parseSettings } from "./components/settings/settings";
import { probeHosts } from "./components/trust/probe";
import { Trust } from "./components/trust/trust";

export = async () => {
  const settings = parseSettings(JSON.parse(fs.readFileSync("settings.json", "utf8")));
  const generations = await probeHosts(settings);
  const registry = \`\${settings.hostname}:\${settings.port}\`;
  const authority = fs.readFileSync("ca.pem", "utf8");
  const trust = new Trust("trust", { settings, registry, authority, credentials: {}, generations });
  return { hosts: trust.hosts };
};
`;
