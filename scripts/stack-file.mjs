// Pulumi.STACK.yaml, for the scripts behind `make`.
//
//   read STACK    prints dockerHost, image mode, registry image, gateway image, a line each
//   create STACK  makes the file for a new stack, modelled on Pulumi.dev.yaml, with a free port of its own
import * as fs from "node:fs";
import * as net from "node:net";
import * as yaml from "yaml";

const NAMESPACE = "private-registry:";
const [action, stack] = process.argv.slice(2);
const file = `Pulumi.${stack}.yaml`;

/** The stack's own settings, or none where the file cannot be read: Pulumi says what is wrong with it. */
function settings(name) {
  try {
    return yaml.parse(fs.readFileSync(name, "utf8"))?.config ?? {};
  } catch {
    return {};
  }
}

function read() {
  const own = settings(file);
  const images = own[`${NAMESPACE}images`];
  const mode = typeof images === "string" ? images : (images?.mode ?? "auto");
  const text = (value) => (typeof value === "string" ? value : "");
  console.log(
    [own[`${NAMESPACE}dockerHost`] ?? "local", mode, text(images?.registry), text(images?.gateway)].join(
      "\n",
    ),
  );
}

async function create() {
  if (fs.existsSync(file)) return;
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
    .map((name) => Number(settings(name)[`${NAMESPACE}port`] ?? 8000));
  for (let port = 8001; port < 65536; port++) {
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error("no free port from 8001 on");
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

if (action === "read") read();
else if (action === "create") await create();
else throw new Error(`stack-file.mjs takes: read STACK, create STACK; found "${action}"`);
