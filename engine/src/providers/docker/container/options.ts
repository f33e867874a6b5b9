import type Docker from "dockerode";
import type { PropertyMap, Value } from "../../../values/value";
import { labelMap } from "../labels";
import { getBool, getMap, getNumber, getObjects, getString, getStrings } from "../terraform/read";
import { parseDuration } from "./duration";
import { mount, volumeBindings } from "./mounts";

const mebibyte = 1024 * 1024;

/** A planned container as Docker's API takes it. Networks and uploads come in separate calls. */
export function createOptions(state: PropertyMap): Docker.ContainerCreateOptions {
  const ports = portBindings(state);
  const volumes = volumeBindings(getObjects(state, "volumes"));
  const stopTimeout = getNumber(state, "stop_timeout");
  return withoutAbsent({
    name: getString(state, "name"),
    Image: getString(state, "image"),
    Hostname: getString(state, "hostname"),
    Domainname: getString(state, "domainname"),
    Tty: getBool(state, "tty"),
    OpenStdin: getBool(state, "stdin_open"),
    StopSignal: getString(state, "stop_signal") || undefined,
    StopTimeout: stopTimeout === 0 ? undefined : stopTimeout,
    Env: orAbsent(getStrings(state, "env")),
    Cmd: orAbsent(getStrings(state, "command")),
    Entrypoint: orAbsent(getStrings(state, "entrypoint")),
    User: getString(state, "user"),
    WorkingDir: getString(state, "working_dir"),
    Labels: labelMap(getObjects(state, "labels")),
    ExposedPorts: Object.fromEntries(Object.keys(ports).map((port) => [port, {}])),
    Volumes: volumes.targets,
    Healthcheck: healthcheck(getObjects(state, "healthcheck")[0]),
    HostConfig: hostConfig(state, ports, volumes),
  });
}

function hostConfig(
  state: PropertyMap,
  ports: Docker.PortMap,
  volumes: ReturnType<typeof volumeBindings>,
): Docker.HostConfig {
  const capabilities = getObjects(state, "capabilities")[0] ?? null;
  const swap = getNumber(state, "memory_swap");
  const cpus = getString(state, "cpus");
  const unconfined = getStrings(state, "security_opts").includes("systempaths=unconfined");
  return withoutAbsent({
    Privileged: getBool(state, "privileged"),
    PublishAllPorts: getBool(state, "publish_all_ports"),
    RestartPolicy: restartPolicy(state),
    Runtime: getString(state, "runtime") || undefined,
    Mounts: getObjects(state, "mounts").map(mount),
    AutoRemove: getBool(state, "rm"),
    ReadonlyRootfs: getBool(state, "read_only"),
    LogConfig: { Type: getString(state, "log_driver"), Config: getMap(state, "log_opts") },
    Tmpfs: getMap(state, "tmpfs"),
    PortBindings: ports,
    ExtraHosts: getObjects(state, "host").map(
      (item) => `${getString(item, "host")}:${getString(item, "ip")}`,
    ),
    Binds: orAbsent(volumes.binds),
    VolumesFrom: orAbsent(volumes.from),
    Ulimits: getObjects(state, "ulimit").map((item) => ({
      Name: getString(item, "name"),
      Soft: getNumber(item, "soft"),
      Hard: getNumber(item, "hard"),
    })),
    CapAdd: getStrings(capabilities, "add"),
    CapDrop: getStrings(capabilities, "drop"),
    Dns: orAbsent(getStrings(state, "dns")),
    DnsOptions: orAbsent(getStrings(state, "dns_opts")),
    DnsSearch: orAbsent(getStrings(state, "dns_search")),
    SecurityOpt: getStrings(state, "security_opts").filter((option) => option !== "systempaths=unconfined"),
    MaskedPaths: unconfined ? [] : undefined,
    ReadonlyPaths: unconfined ? [] : undefined,
    Memory: getNumber(state, "memory") * mebibyte,
    MemoryReservation: getNumber(state, "memory_reservation") * mebibyte,
    MemorySwap: swap > 0 ? swap * mebibyte : swap,
    ShmSize: getNumber(state, "shm_size") * mebibyte || undefined,
    NanoCpus: cpus === "" ? undefined : Math.round(Number(cpus) * 1e9),
    CpuPeriod: cpus === "" ? getNumber(state, "cpu_period") : undefined,
    CpuQuota: cpus === "" ? getNumber(state, "cpu_quota") : undefined,
    CpuShares: getNumber(state, "cpu_shares"),
    CpusetCpus: getString(state, "cpu_set"),
    NetworkMode: getString(state, "network_mode") || undefined,
    UsernsMode: getString(state, "userns_mode") || undefined,
    PidMode: getString(state, "pid_mode") || undefined,
    Sysctls: getMap(state, "sysctls"),
    IpcMode: getString(state, "ipc_mode") || undefined,
    GroupAdd: orAbsent(getStrings(state, "group_add")),
    CgroupnsMode: (getString(state, "cgroupns_mode") || undefined) as "private" | "host" | undefined,
    CgroupParent: getString(state, "cgroup_parent"),
    Init: getBool(state, "init"),
    StorageOpt: getMap(state, "storage_opts"),
  });
}

export function restartPolicy(state: PropertyMap): Docker.HostRestartPolicy {
  return { Name: getString(state, "restart"), MaximumRetryCount: getNumber(state, "max_retry_count") };
}

/** What Docker can change in a container that exists. Source: the provider's update. */
export function updateOptions(state: PropertyMap): Docker.HostConfig {
  const swap = getNumber(state, "memory_swap");
  return withoutAbsent({
    RestartPolicy: restartPolicy(state),
    CpuShares: getNumber(state, "cpu_shares"),
    Memory: getNumber(state, "memory") * mebibyte,
    MemoryReservation: getNumber(state, "memory_reservation") * mebibyte,
    CpusetCpus: getString(state, "cpu_set"),
    MemorySwap: swap === 0 ? undefined : swap > 0 ? swap * mebibyte : swap,
  });
}

function portBindings(state: PropertyMap): Docker.PortMap {
  const bindings: Record<string, Docker.PortBinding[]> = {};
  for (const port of getObjects(state, "ports")) {
    const key = `${getNumber(port, "internal")}/${getString(port, "protocol")}`;
    const binding = { HostIp: getString(port, "ip"), HostPort: String(getNumber(port, "external")) };
    bindings[key] = [...(bindings[key] ?? []), binding];
  }
  return bindings;
}

function healthcheck(check: PropertyMap | undefined): Docker.HealthConfig | undefined {
  if (check === undefined) return undefined;
  const time = (name: string): number => parseDuration(getString(check, name)) ?? 0;
  const config: Docker.HealthConfig & { StartInterval: number } = {
    Test: getStrings(check, "test"),
    Interval: time("interval"),
    Timeout: time("timeout"),
    StartPeriod: time("start_period"),
    StartInterval: time("start_interval"),
    Retries: getNumber(check, "retries"),
  };
  return config;
}

/** How a container joins a network. */
export function endpoint(network: Value): Docker.EndpointsConfig[string] {
  const options = getStrings(network, "driver_opts").flatMap((option) => {
    const at = option.indexOf("=");
    return at < 0 ? [] : [[option.slice(0, at), option.slice(at + 1)] as const];
  });
  const settings = {
    Aliases: getStrings(network, "aliases"),
    IPAMConfig: {
      IPv4Address: getString(network, "ipv4_address"),
      IPv6Address: getString(network, "ipv6_address"),
      LinkLocalIPs: getStrings(network, "link_local_ips"),
    },
    MacAddress: getString(network, "mac_address"),
    DriverOpts: Object.fromEntries(options),
  };
  return settings;
}

const orAbsent = (texts: string[]): string[] | undefined => (texts.length > 0 ? texts : undefined);

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutAbsent<T extends object>(object: T): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;
}
