import type Docker from "dockerode";
import type { PropertyMap, Value } from "../../../values/value";
import { getBool, getObjects, getString } from "../terraform/read";
import { formatDuration } from "./duration";
import { mountsOf } from "./mounts";

const mebibyte = 1024 * 1024;

/** What Docker tells beyond dockerode's types. */
interface More {
  readonly Config: {
    readonly Healthcheck?: Docker.HealthConfig & { readonly StartInterval?: number };
    readonly StopSignal?: string;
    readonly StopTimeout?: number;
  };
  readonly NetworkSettings: { readonly Bridge?: string };
}

/** What dockerode's types leave open. */
interface Lists {
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly DnsOptions?: readonly string[] | null;
  readonly DnsSearch?: readonly string[] | null;
  readonly ExtraHosts?: readonly string[] | null;
  readonly GroupAdd?: readonly string[] | null;
  readonly Runtime?: string;
  readonly SecurityOpt?: readonly string[] | null;
}

/**
 * A container as it is, by Terraform's names. `state` is what is known of it: it decides what is looked at at
 * all, as in the provider (environment and labels never: an image brings its own).
 */
export function inspected(found: Docker.ContainerInspectInfo, state: PropertyMap): PropertyMap {
  const more = found as Docker.ContainerInspectInfo & More;
  const { Config: config, HostConfig: host, State: running } = found;
  const stopped = !running.Running;
  const mustRun = getBool(state, "must_run");
  const hasPorts = getObjects(state, "ports").length > 0 && (!stopped || mustRun);
  const lists = host as Lists;
  const capabilities = { add: texts(lists.CapAdd), drop: texts(lists.CapDrop) };
  const check = more.Config.Healthcheck;
  return {
    bridge: more.NetworkSettings.Bridge ?? "",
    ...(hasPorts ? { ports: portsOf(found) } : {}),
    network_data: networksOf(found),
    ...(stopped ? { exit_code: running.ExitCode } : {}),
    // A stopped container shows as a change of `mustRun`, which the update answers by starting it.
    ...(stopped && mustRun ? { must_run: false } : {}),
    name: found.Name.replace(/^\//, ""),
    rm: host.AutoRemove ?? false,
    read_only: host.ReadonlyRootfs ?? false,
    image: getString(state, "image").startsWith("sha256:") ? found.Image : config.Image,
    hostname: config.Hostname,
    domainname: config.Domainname,
    command: texts(config.Cmd),
    entrypoint: texts(config.Entrypoint),
    user: config.User,
    dns: texts(host.Dns),
    dns_opts: texts(lists.DnsOptions),
    dns_search: texts(lists.DnsSearch),
    security_opts: texts(lists.SecurityOpt),
    publish_all_ports: host.PublishAllPorts ?? false,
    restart: host.RestartPolicy?.Name ?? "",
    max_retry_count: host.RestartPolicy?.MaximumRetryCount ?? 0,
    init: host.Init === true,
    working_dir: config.WorkingDir,
    ...(capabilities.add.length + capabilities.drop.length > 0 ? { capabilities: [capabilities] } : {}),
    runtime: lists.Runtime ?? "",
    platform: found.Platform,
    mounts: mountsOf(host.Mounts),
    tmpfs: strings(host.Tmpfs),
    host: texts(lists.ExtraHosts).map((line) => {
      const [name = "", ip = ""] = line.split(":");
      return { host: name, ip };
    }),
    ...(getObjects(state, "ulimit").length > 0
      ? {
          ulimit: (host.Ulimits ?? []).map((limit) => ({
            name: limit.Name ?? "",
            soft: limit.Soft ?? 0,
            hard: limit.Hard ?? 0,
          })),
        }
      : {}),
    privileged: host.Privileged ?? false,
    ...memoryOf(host),
    cpu_shares: host.CpuShares ?? 0,
    cpu_set: host.CpusetCpus ?? "",
    ...(host.NanoCpus ? { cpus: decimal(host.NanoCpus) } : {}),
    log_driver: host.LogConfig?.Type ?? "",
    log_opts: hasEntries(state, "log_opts") ? strings(host.LogConfig?.Config) : {},
    storage_opts: strings(host.StorageOpt),
    network_mode: host.NetworkMode ?? "",
    ...(getString(state, "pid_mode") !== "" ? { pid_mode: host.PidMode ?? "" } : {}),
    userns_mode: host.UsernsMode ?? "",
    ...(check ? { healthcheck: [healthcheckOf(check)] } : {}),
    sysctls: strings(host.Sysctls),
    ipc_mode: host.IpcMode ?? "",
    group_add: texts(lists.GroupAdd),
    tty: config.Tty,
    stdin_open: config.OpenStdin,
    stop_signal: more.Config.StopSignal ?? "",
    stop_timeout: more.Config.StopTimeout ?? 0,
  };
}

function memoryOf(host: Docker.HostConfig): PropertyMap {
  const swap = host.MemorySwap ?? 0;
  return {
    memory: Math.trunc((host.Memory ?? 0) / mebibyte),
    memory_reservation: Math.trunc((host.MemoryReservation ?? 0) / mebibyte),
    memory_swap: swap > 0 ? Math.trunc(swap / mebibyte) : swap,
    shm_size: Math.trunc((host.ShmSize ?? 0) / mebibyte),
  };
}

function healthcheckOf(check: Docker.HealthConfig & { readonly StartInterval?: number }): PropertyMap {
  const time = (nanoseconds: number | undefined): string => formatDuration(nanoseconds ?? 0);
  return {
    test: texts(check.Test),
    interval: time(check.Interval),
    timeout: time(check.Timeout),
    start_period: time(check.StartPeriod),
    start_interval: time(check.StartInterval),
    retries: check.Retries ?? 0,
  };
}

/** Published ports, by container port. */
function portsOf(found: Docker.ContainerInspectInfo): readonly Value[] {
  const ports = found.NetworkSettings.Ports as Record<
    string,
    { HostIp: string; HostPort: string }[] | null
  > | null;
  return Object.entries(ports ?? {})
    .sort(([a], [b]) => Number.parseInt(a) - Number.parseInt(b))
    .flatMap(([port, bindings]) =>
      (bindings ?? []).map((binding) => ({
        internal: Number.parseInt(port),
        external: Number(binding.HostPort),
        ip: binding.HostIp,
        protocol: port.split("/")[1] ?? "",
      })),
    );
}

function networksOf(found: Docker.ContainerInspectInfo): readonly Value[] {
  const networks = found.NetworkSettings.Networks as typeof found.NetworkSettings.Networks | null;
  return Object.entries(networks ?? {}).map(([name, network]) => ({
    network_name: name,
    ip_address: network.IPAddress,
    ip_prefix_length: network.IPPrefixLen,
    gateway: network.Gateway,
    global_ipv6_address: network.GlobalIPv6Address,
    global_ipv6_prefix_length: network.GlobalIPv6PrefixLen,
    ipv6_gateway: network.IPv6Gateway,
    mac_address: network.MacAddress,
  }));
}

function texts(value: string | readonly string[] | null | undefined): readonly string[] {
  return typeof value === "string" ? [value] : (value ?? []);
}

function strings(value: unknown): Record<string, string> {
  return typeof value === "object" && value !== null ? { ...(value as Record<string, string>) } : {};
}

function hasEntries(state: PropertyMap, name: string): boolean {
  return Object.keys(state[name] ?? {}).length > 0;
}

/** Billionths of a processor as the provider prints them: `1.5`, `2.0`, `0.25`. */
function decimal(nanoCpus: number): string {
  const text = (nanoCpus / 1e9).toFixed(9);
  const zeros = text.split("0").length - 1;
  return zeros === 9 ? (nanoCpus / 1e9).toFixed(1) : text.replace(/0+$/, "");
}
