// Every type and resource option the embedded engine knows, in three steps: create, change, remove.
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const prefix = config.require("prefix");
const changed = step >= 2;
const stays = step < 3;

/** What each provider's resources are given through a transform. */
const labelled: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "docker:index/volume:Volume"
    ? { props: { ...(props as object), labels: [{ label: "by", value: "transform" }] }, opts }
    : undefined;

class Group extends pulumi.ComponentResource {
  readonly password: random.RandomPassword;
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("everything:index:Group", name, {}, options);
    this.password = new random.RandomPassword("password", { length: 16 }, { parent: this, protect: stays });
    this.registerOutputs({ password: this.password.result });
  }
}

const group = new Group(changed ? "renamed" : "group", {
  aliases: changed ? [{ name: "group" }] : [],
});
const text = new random.RandomString("text", { length: changed ? 9 : 8, upper: false });
const bytes = new random.RandomBytes("bytes", { length: 16 }, { additionalSecretOutputs: ["hex"] });

const caKey = new tls.PrivateKey("ca-key", { algorithm: "ECDSA", ecdsaCurve: "P384" });
const ca = new tls.SelfSignedCert("ca", {
  privateKeyPem: caKey.privateKeyPem,
  isCaCertificate: true,
  setSubjectKeyId: true,
  validityPeriodHours: 48,
  allowedUses: ["cert_signing"],
  subject: { commonName: "CA", organization: "Test" },
});
const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
const request = new tls.CertRequest("request", {
  privateKeyPem: key.privateKeyPem,
  dnsNames: changed ? ["a.test", "b.test"] : ["a.test"],
  ipAddresses: ["127.0.0.1"],
  subject: { commonName: "a.test" },
});
const certificate = new tls.LocallySignedCert("certificate", {
  caPrivateKeyPem: caKey.privateKeyPem,
  caCertPem: ca.certPem,
  certRequestPem: request.certRequestPem,
  validityPeriodHours: 24,
  allowedUses: ["server_auth"],
});
const publicKey = tls.getPublicKeyOutput({ privateKeyPem: key.privateKeyPem });

const local = new command.local.Command(
  "local",
  {
    create: "cat",
    update: "cat; echo updated after $PULUMI_COMMAND_STDOUT",
    delete: "true",
    stdin: pulumi.interpolate`${group.password.result} ${text.result}`,
    environment: { STEP: `${step}` },
    logging: "none",
  },
  { customTimeouts: { create: "1m" }, ignoreChanges: ["environment.OTHER"] },
);
const replaced = new command.local.Command(
  "replaced",
  { create: "echo made", delete: "true", environment: { STEP: `${step}` } },
  { replaceOnChanges: ["environment.STEP"], deleteBeforeReplace: true },
);
const dependent = new command.local.Command(
  "dependent",
  { create: "echo hello", triggers: [replaced.id], addPreviousOutputInEnv: false },
  { dependsOn: [group] },
);
// For a run that is to be interrupted in the middle of it.
if (config.getBoolean("slow") === true) new command.local.Command("slow", { create: "sleep 4" });
// Its delete would fail, and is never run: it goes with the other.
new command.local.Command("guest", { create: "true", delete: "exit 1" }, { deletedWith: local });
const connection = {
  host: "127.0.0.1",
  port: config.requireNumber("sshPort"),
  user: config.require("sshUser"),
  privateKey: config.requireSecret("sshKey"),
  hostKey: config.require("sshHostKey"),
};
const remote = new command.remote.Command("remote", {
  connection,
  create: "cat",
  delete: "true",
  stdin: certificate.certPem,
  triggers: [step > 1, pulumi.secret("a secret in a list")],
});
const now = command.local.runOutput({ command: "cat", stdin: text.result, logging: "none" });

const network = new docker.Network("network", {
  name: `${prefix}network`,
  labels: [{ label: "step", value: `${Math.min(step, 2)}` }],
});
const found = docker.getNetworkOutput({ name: network.name });
const volume = new docker.Volume("volume", { name: `${prefix}volume` }, { transforms: [labelled] });
const kept = stays && new docker.Volume("kept", { name: `${prefix}kept` }, { retainOnDelete: true });
const image = new docker.RemoteImage("image", { name: config.require("image"), keepLocally: true });
const elsewhere = new docker.Provider("elsewhere", { host: "unix:///var/run/docker.sock" });
const container = new docker.Container(
  "container",
  {
    name: `${prefix}container`,
    image: image.imageId,
    command: ["/bin/sleep", "600"],
    envs: [`STEP=${Math.min(step, 2)}`, pulumi.secret("WORD=secret")],
    networksAdvanced: [{ name: network.name, aliases: ["one"] }],
    mounts: [{ type: "volume", source: volume.name, target: "/data" }],
    capabilities: { drops: ["ALL"] },
    readOnly: true,
    tmpfs: { "/run": "mode=1777" },
    destroyGraceSeconds: 1,
  },
  { provider: elsewhere, dependsOn: kept === false ? [] : [kept] },
);
if (stays) random.RandomString.get("known", "abcd");
if (stays) new random.RandomBytes("leaver", { length: 4 }, { parent: group });

export const words = pulumi
  .all([text.result, now.stdout])
  .apply(([one, two]) => ({ one, isSame: one === two }));
export const password = group.password.result;
export const keyOf = publicKey.publicKeyFingerprintSha256;
export const networkIsFound = pulumi.all([found.id, network.id]).apply(([one, two]) => one === two);
export const containerName = container.name;
export const lines = [local.stdout, dependent.stdout, remote.stdout, bytes.hex];
