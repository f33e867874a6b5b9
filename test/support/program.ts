import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FakeDocker } from "./fake-docker";
import { config, minimal } from "./settings";

/** What Pulumi was asked to register. Secret inputs are unwrapped; `secrets` names them. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are, or hold, a secret. */
  readonly secrets: readonly string[];
  /** Types of the components it is a child of, outermost first. */
  readonly parents: readonly string[];
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** Names of the resources it waits for. */
  readonly dependsOn: readonly string[];
}

export interface Run {
  readonly resources: readonly Registered[];
  readonly outputs: Readonly<Record<string, pulumi.Output<unknown>>>;
  readonly one: (name: string) => Registered;
}

/** Name of the registry's container, without the suffix that Pulumi adds. */
export const registryContainer = "private-registry-test-registry";

const IMAGE = `sha256:${"1".repeat(64)}`;

/** Runs index.ts as it is, with Pulumi's mocks for the providers and a fake `docker` command for the host. */
export async function runProgram(
  values: Readonly<Record<string, unknown>> = {},
  {
    preview = false,
    inspected = "owner\t1000:1000\nregistry\tgen-r\ngateway\tgen-g\n",
    project = "private-registry",
    stack = "test",
    answer = "proof\tof a test",
  } = {},
): Promise<Run> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "regtest-program-"));
  const docker = new FakeDocker({
    version: "20.10.24",
    "image inspect": `${IMAGE}\n`,
    "volume ls": `${project}-${stack}-gateway-files\n${project}-${stack}-registry-files\n`,
    "network inspect bridge": '[{"Subnet":"127.0.0.0/8"}]',
    // Whatever port is asked for, our own gateway holds it.
    "ps --all": "",
    ps: `${project}-${stack}-gateway\t0.0.0.0:1-65535->8443/tcp\n`,
    run: inspected,
  });
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => resource(type, name, inputs as Inputs, preview, answer),
      call: () => ({}),
    },
    project,
    stack,
    preview,
  );
  record(resources);
  pulumi.runtime.setAllConfig(
    config({
      ...minimal,
      bindAddress: "127.0.0.1",
      port: 38123,
      dataPath: path.join(folder, "data"),
      ...values,
    }),
  );
  try {
    const { default: program } = (await import("../../index")) as unknown as {
      default: () => Promise<Run["outputs"]>;
    };
    const outputs = await program();
    // Waits for all registrations, also those made late.
    await pulumi.runtime.disconnect();
    const one = (name: string) => {
      const found = resources.find((candidate) => candidate.name === name);
      if (found === undefined)
        throw new Error(`no resource ${name} among ${resources.map((r) => r.name).join(", ")}`);
      return found;
    };
    return { resources, outputs, one };
  } finally {
    docker.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

type Inputs = Readonly<Record<string, unknown>>;

/** What the providers compute; in a preview nothing of it is known. */
function resource(type: string, name: string, inputs: Inputs, preview: boolean, answer: string) {
  if (preview) return { id: undefined, state: inputs };
  const computed: Record<string, Inputs> = {
    "tls:index/privateKey:PrivateKey": { privateKeyPem: `PRIVATE KEY ${name}` },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: `CERTIFICATE ${name}\n` },
    "tls:index/certRequest:CertRequest": { certRequestPem: `REQUEST ${name}` },
    "tls:index/locallySignedCert:LocallySignedCert": {
      certPem: `CERTIFICATE ${name}\n`,
      validityEndTime: "2030-01-02T03:04:05Z",
    },
    "random:index/randomBytes:RandomBytes": {
      hex: Buffer.from(name.padEnd(16).slice(0, 16)).toString("hex"),
      base64: Buffer.from(name.padEnd(16).slice(0, 16)).toString("base64"),
    },
    "command:local:Command": { stdout: /^trust-.*-installed$/.test(name) ? answer : "", stderr: "" },
    "random:index/randomPassword:RandomPassword": { result: `GENERATED ${name}` },
  };
  return { id: `${name}-id`, state: { ...inputs, ...computed[type] } };
}

/** The mocks see neither parents nor options: they are read from the request itself. */
function record(resources: Registered[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource: (request: Request, callback: unknown) => Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const [values, secrets] = unwrap(request.getObject().toJavaScript());
    const names = (urns: string[]) => urns.map((urn) => urn.split("::").at(-1) ?? urn);
    resources.push({
      type: request.getType(),
      name: request.getName(),
      inputs: values,
      secrets,
      parents: request.getParent().split("::").at(2)?.split("$") ?? [],
      protect: request.getProtect(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      replaceOnChanges: request.getReplaceonchangesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      dependsOn: names(request.getDependenciesList()),
    });
    return register(request, callback);
  };
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getReplaceonchangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}

/** Pulumi's own marks: https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function unwrap(inputs: Record<string, unknown>): [Record<string, unknown>, string[]] {
  const secrets: string[] = [];
  const values = Object.entries(inputs).map(([name, value]) => {
    const plain = (inner: unknown): unknown => {
      if (typeof inner !== "object" || inner === null) return inner;
      if ((inner as Record<string, unknown>)[SIGNATURE] === SECRET) {
        secrets.push(name);
        return plain((inner as { value: unknown }).value);
      }
      if (Array.isArray(inner)) return inner.map(plain);
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, plain(item)]));
    };
    return [name, plain(value)] as const;
  });
  return [Object.fromEntries(values), secrets];
}

/** The value of an output, and whether it is secret. */
export async function resolved(
  output: pulumi.Output<unknown> | undefined,
): Promise<{ value: unknown; secret: boolean }> {
  if (output === undefined) throw new Error("no such output");
  const inner = output as unknown as { promise(): Promise<unknown>; isSecret: Promise<boolean> };
  return { value: await inner.promise(), secret: await inner.isSecret };
}
