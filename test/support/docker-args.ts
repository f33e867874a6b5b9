/** Inputs of a docker.Container that `docker run` has no use for here. */
const IGNORED = new Set([
  "healthcheck",
  "restart",
  "wait",
  "waitTimeout",
  "destroyGraceSeconds",
  "image",
  "name",
]);

type Options = Readonly<Record<string, (value: never) => string[]>>;

const OPTIONS: Options = {
  user: (user: string) => ["--user", user],
  readOnly: (readOnly: boolean) => (readOnly ? ["--read-only"] : []),
  capabilities: ({ drops }: { drops: string[] }) => drops.flatMap((name) => ["--cap-drop", name]),
  securityOpts: (opts: string[]) => opts.flatMap((opt) => ["--security-opt", opt]),
  envs: (envs: string[]) => envs.flatMap((env) => ["--env", env]),
  logDriver: (driver: string) => ["--log-driver", driver],
  logOpts: (opts: Record<string, string>) =>
    Object.entries(opts).flatMap(([name, value]) => ["--log-opt", `${name}=${value}`]),
  stopSignal: (signal: string) => ["--stop-signal", signal],
  stopTimeout: (seconds: number) => ["--stop-timeout", String(seconds)],
  tmpfs: (mounts: Record<string, string>) =>
    Object.entries(mounts).flatMap(([path, options]) => [
      "--tmpfs",
      options === "" ? path : `${path}:${options}`,
    ]),
  sysctls: (sysctls: Record<string, string>) =>
    Object.entries(sysctls).flatMap(([name, value]) => ["--sysctl", `${name}=${value}`]),
  ports: (ports: { internal: number; external: number; ip: string }[]) =>
    ports.flatMap(({ internal, external, ip }) => ["--publish", `${ip}:${external}:${internal}`]),
  volumes: (
    volumes: { hostPath?: string; volumeName?: string; containerPath: string; readOnly?: boolean }[],
  ) =>
    volumes.flatMap(({ hostPath, volumeName, containerPath, readOnly }) => [
      "--volume",
      `${hostPath ?? volumeName ?? ""}:${containerPath}${readOnly === true ? ":ro" : ""}`,
    ]),
  networksAdvanced: (networks: { name: string; aliases?: string[] }[]) =>
    networks.flatMap(({ name, aliases = [] }) => [
      ...["--network", name],
      ...aliases.flatMap((alias) => ["--network-alias", alias]),
    ]),
  entrypoints: ([entrypoint = ""]: string[]) => ["--entrypoint", entrypoint],
};

/**
 * What the program declares of a container, as arguments of `docker run` before its image; and the command that goes
 * after it. An input that is not known here is an error: the test would run something else than the program.
 */
export function dockerRunArgs(inputs: Readonly<Record<string, unknown>>): {
  options: string[];
  command: string[];
} {
  const { command = [], ...others } = inputs as { command?: string[] };
  const options = Object.entries(others)
    .filter(([name]) => !IGNORED.has(name))
    .flatMap(([name, value]) => {
      const option = OPTIONS[name];
      if (option === undefined) throw new Error(`docker-args.ts knows no container input ${name}`);
      return option(value as never);
    });
  return { options, command };
}
