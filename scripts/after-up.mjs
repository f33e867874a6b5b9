// @ts-check
// after-up.mjs STACK CODE: what comes after an update that ended with CODE; of those that failed, only one in which
// nothing but hosts has failed. Makes this machine a client of the registry where it is the Docker
// host, proves the whole path, and says how to use it. Takes `pulumi stack output --json --show-secrets` on stdin, so
// that the passwords are in no command line.
import { spawnSync } from "node:child_process";
import { resolve4 } from "node:dns/promises";
import { text } from "node:stream/consumers";
import { bridgeAddress } from "../components/docker-host/bridge";
import { docker } from "../components/docker-host/docker-cli";
import { failureOf } from "../components/trust/on-host";
import { dockerHostOf, settingsOf } from "./settings";
import { smoke } from "./smoke.mjs";

const [stack = "", code = "0"] = process.argv.slice(2);
const settings = settingsOf(stack);
const dockerHost = dockerHostOf(settings);
/** @type {{ url: string, address: string, certificateExpires: string, caCertificate: string, credentials: Record<string, string>, hosts: Record<string, import("../components/trust/on-host").Answer> }} */
const outputs = JSON.parse(await text(process.stdin));
const failed = Object.values(outputs.hosts ?? {}).filter((answer) => failureOf(answer) !== undefined).length;
if (code !== "0" && failed === 0) process.exit(Number(code));
const [hostname = "", port = ""] = outputs.address.split(":");
const local = dockerHost.startsWith("unix://");

/** Where the gateway listens on this machine; 0.0.0.0 is reached by the bridge, for loopback is not verified. */
async function listenAddress() {
  const binding =
    (await docker(dockerHost, "port", `private-registry-${stack}-gateway`)).split("\n")[0] ?? "";
  const address = binding
    .replace(/^.*-> /, "")
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
  if (address !== "0.0.0.0" && address !== "::") return address;
  return bridgeAddress(dockerHost);
}

/** True where a name server knows the name: then /etc/hosts has nothing to add. @param {string} address */
async function nameIsServed(address) {
  return resolve4(hostname).then(
    (found) => found.length > 0 && !found.includes(address),
    () => false,
  );
}

/** The first user who may push, the administrator before others. */
function smokeUser() {
  for (const access of ["admin", "push"]) {
    const user = settings.users.find((one) => one.access === access && one.repositories === undefined);
    if (user !== undefined) return user.name;
  }
  return undefined;
}

/** @param {string} address @returns {boolean} whether this machine can use the registry as it is printed */
function trustHere(address, nameServed = false) {
  const { status } = spawnSync("scripts/local-trust.sh", ["install"], {
    input: outputs.caCertificate,
    stdio: ["pipe", "inherit", "inherit"],
    env: {
      ...process.env,
      STACK: stack,
      HOSTNAME_: hostname,
      PORT: port,
      ADDRESS: nameServed ? "" : address,
    },
  });
  // 3: not root. The registry is up all the same; the script has said what to do.
  if (status !== 0 && status !== 3) process.exitCode = 1;
  return status === 0;
}

async function prove(/** @type {string | undefined} */ address) {
  const user = smokeUser();
  if (user === undefined) {
    console.log("smoke test left out: no user of this stack may push to every repository");
    return;
  }
  const target = {
    hostname,
    port: Number(port),
    ...(address === undefined ? {} : { connect: address }),
    ca: outputs.caCertificate,
    user,
    password: outputs.credentials[user] ?? "",
  };
  await smoke(target, (line) => console.log(`ok  ${line}`));
}

try {
  const address = local ? await listenAddress() : undefined;
  await prove(address);
  const trusted = address === undefined || trustHere(address, await nameIsServed(address));
  const user = smokeUser() ?? Object.keys(outputs.credentials)[0] ?? "USER";
  const make = stack === "dev" ? "make" : `STACK=${stack} make`;
  console.log(`
The registry is up: ${outputs.url} (certificate until ${outputs.certificateExpires.slice(0, 10)})
  log in      docker login -u ${user} ${outputs.address}
  passwords   ${make} credentials
  push        docker tag IMAGE ${outputs.address}/IMAGE && docker push ${outputs.address}/IMAGE`);
  if (failed > 0) console.log(`${failed} of its hosts cannot use it yet: see above.`);
  if (!trusted) console.log("This machine itself cannot use it yet: see above.");
} catch (error) {
  console.error(`failed  ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
