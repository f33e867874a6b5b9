// stack-file.mjs STACK: makes Pulumi.STACK.yaml where there is none, modelled on Pulumi.dev.yaml, with a free port of
// its own.
import * as fs from "node:fs";
import * as net from "node:net";
import * as yaml from "yaml";

const NAMESPACE = "private-registry:";
const [stack] = process.argv.slice(2);
const file = `Pulumi.${stack}.yaml`;

async function create() {
  const document = yaml.parseDocument(fs.readFileSync("Pulumi.dev.yaml", "utf8"));
  document.delete("encryptionsalt");
  const port = await freePort();
  const set = (key, value) => document.setIn(["config", `${NAMESPACE}${key}`], value);
  set("hostname", `registry.${stack}.test`);
  set("port", port);
  set("dataPath", `\${checkout}/.state/${stack}/data`);
  document.commentBefore = ` The stack ${stack}, made after Pulumi.dev.yaml. Every setting: docs/reference.md`;
  fs.writeFileSync(file, document.toString());
  console.log(`Made ${file}: registry.${stack}.test:${port}, with the users of Pulumi.dev.yaml`);
}

/** The first port from 8001 that no other stack of this checkout has, and nobody listens on. */
async function freePort() {
  const taken = fs
    .readdirSync(".")
    .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
    .map(portOf);
  for (let port = 8001; port < 65536; port++) {
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error("no free port from 8001 on");
}

/** The port in another stack's file; its default where the file cannot be read, which is for its own run to say. */
function portOf(name) {
  try {
    return Number(yaml.parse(fs.readFileSync(name, "utf8")).config[`${NAMESPACE}port`] ?? 8000);
  } catch {
    return 8000;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

if (!fs.existsSync(file)) await create();
