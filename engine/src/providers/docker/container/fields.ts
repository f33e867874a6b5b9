import { labelFields } from "../labels";
import {
  bool,
  computed,
  forceNew,
  int,
  left,
  list,
  map,
  optional,
  required,
  set,
  string,
  type Fields,
} from "../terraform/schema";
import { atLeast, duration, keepsWhenEmpty, matching, samePorts } from "./field-rules";
import { mountFields, networkFields, uploadFields, volumeFields } from "./nested-fields";

const throttleFields: Fields = { path: string("path", required), rate: int("rate", required) };

const healthcheckFields: Fields = {
  interval: string("interval", optional, { default: "0s", problem: duration }),
  retries: int("retries", optional, { default: 0, problem: atLeast(0) }),
  start_interval: string("startInterval", optional, { default: "0s", problem: duration }),
  start_period: string("startPeriod", optional, { default: "0s", problem: duration }),
  test: list("tests", optional),
  timeout: string("timeout", optional, { default: "0s", problem: duration }),
};

const portFields: Fields = {
  external: int("external", optional, computed, forceNew),
  internal: int("internal", required, forceNew),
  ip: string("ip", optional, forceNew, {
    default: "0.0.0.0",
    stateForm: (ip) => (ip === "" ? "0.0.0.0" : ip),
  }),
  protocol: string("protocol", optional, forceNew, { default: "tcp" }),
};

const networkDataFields: Fields = {
  gateway: string("gateway", computed),
  global_ipv6_address: string("globalIpv6Address", computed),
  global_ipv6_prefix_length: int("globalIpv6PrefixLength", computed),
  ip_address: string("ipAddress", computed),
  ip_prefix_length: int("ipPrefixLength", computed),
  ipv6_gateway: string("ipv6Gateway", computed),
  mac_address: string("macAddress", computed),
  network_name: string("networkName", computed),
};

const deviceRequestFields: Fields = {
  capabilities: set("capabilities", optional, forceNew),
  count: int("count", optional, forceNew, { default: 0 }),
  device_ids: set("deviceIds", optional, forceNew),
  driver: string("driver", optional, forceNew, { default: "cdi" }),
  options: map("options", optional, forceNew),
};

/** `docker_container` of terraform-provider-docker 4.5.0; `left`: what the embedded engine leaves out. */
export const containerFields: Fields = {
  attach: bool("attach", optional, left, { default: false }),
  bridge: string("bridge", computed),
  capabilities: set("capabilities", optional, forceNew, {
    single: true,
    fields: { add: set("adds", optional, forceNew), drop: set("drops", optional, forceNew) },
  }),
  cgroup_parent: string("cgroupParent", optional, forceNew),
  cgroupns_mode: string("cgroupnsMode", optional, forceNew, { problem: matching("private|host") }),
  command: list("command", optional, forceNew, computed),
  container_logs: string("containerLogs", computed),
  container_read_refresh_timeout_milliseconds: int("containerReadRefreshTimeoutMilliseconds", optional, {
    default: 15000,
  }),
  cpu_period: int("cpuPeriod", optional, { problem: atLeast(0) }),
  cpu_quota: int("cpuQuota", optional, { problem: atLeast(0) }),
  cpu_set: string("cpuSet", optional, { problem: matching("\\d+([,-]\\d+)*") }),
  cpu_shares: int("cpuShares", optional, { problem: atLeast(0) }),
  cpus: string("cpus", optional, forceNew),
  destroy_grace_seconds: int("destroyGraceSeconds", optional),
  device_read_bps: set("deviceReadBps", optional, left, { fields: throttleFields }),
  device_read_iops: set("deviceReadIops", optional, left, { fields: throttleFields }),
  device_requests: set("deviceRequests", optional, forceNew, left, { fields: deviceRequestFields }),
  device_write_bps: set("deviceWriteBps", optional, left, { fields: throttleFields }),
  device_write_iops: set("deviceWriteIops", optional, left, { fields: throttleFields }),
  devices: set("devices", optional, forceNew, left, {
    fields: {
      container_path: string("containerPath", optional, forceNew),
      host_path: string("hostPath", required, forceNew),
      permissions: string("permissions", optional, forceNew, { default: "rwm" }),
    },
  }),
  dns: set("dns", optional, forceNew),
  dns_opts: set("dnsOpts", optional, forceNew),
  dns_search: set("dnsSearches", optional, forceNew),
  domainname: string("domainname", optional, forceNew),
  entrypoint: list("entrypoints", optional, forceNew, computed),
  env: set("envs", optional, forceNew, computed),
  exit_code: int("exitCode", computed),
  gpus: string("gpus", optional, forceNew, left),
  group_add: set("groupAdds", optional, forceNew),
  healthcheck: list("healthcheck", optional, computed, { single: true, fields: healthcheckFields }),
  host: set("hosts", optional, forceNew, {
    fields: { host: string("host", required, forceNew), ip: string("ip", required, forceNew) },
  }),
  hostname: string("hostname", optional, forceNew, computed),
  image: string("image", required, forceNew),
  init: bool("init", optional, computed),
  ipc_mode: string("ipcMode", optional, forceNew, computed),
  labels: set("labels", optional, forceNew, computed, { fields: labelFields }),
  log_driver: string("logDriver", optional, forceNew, computed),
  log_opts: map("logOpts", optional, forceNew),
  logs: bool("logs", optional, left, { default: false }),
  max_retry_count: int("maxRetryCount", optional),
  memory: int("memory", optional, { problem: atLeast(0) }),
  memory_reservation: int("memoryReservation", optional, { default: 0, problem: atLeast(0) }),
  memory_swap: int("memorySwap", optional, { problem: atLeast(-1) }),
  mounts: set("mounts", optional, forceNew, { fields: mountFields }),
  must_run: bool("mustRun", optional, { default: true }),
  name: string("name", required, forceNew),
  network_data: list("networkDatas", computed, { fields: networkDataFields }),
  network_mode: string("networkMode", optional, forceNew, { default: "bridge" }),
  networks_advanced: set("networksAdvanced", optional, forceNew, { fields: networkFields }),
  pid_mode: string("pidMode", optional, forceNew),
  platform: string("platform", optional, forceNew, computed, left),
  ports: list("ports", optional, forceNew, { fields: portFields, suppress: samePorts }),
  privileged: bool("privileged", optional, forceNew),
  publish_all_ports: bool("publishAllPorts", optional, forceNew),
  read_only: bool("readOnly", optional, forceNew, { default: false }),
  remove_volumes: bool("removeVolumes", optional, { default: true }),
  restart: string("restart", optional, {
    default: "no",
    problem: matching("no|on-failure|always|unless-stopped"),
  }),
  rm: bool("rm", optional, { default: false }),
  runtime: string("runtime", optional, forceNew, computed),
  security_opts: set("securityOpts", optional, forceNew, computed),
  shm_size: int("shmSize", optional, forceNew, computed, { problem: atLeast(0) }),
  start: bool("start", optional, { default: true }),
  stdin_open: bool("stdinOpen", optional, forceNew, { default: false }),
  stop_signal: string("stopSignal", optional, forceNew, computed),
  stop_timeout: int("stopTimeout", optional, forceNew, computed),
  storage_opts: map("storageOpts", optional, forceNew),
  sysctls: map("sysctls", optional, forceNew),
  tmpfs: map("tmpfs", optional),
  tty: bool("tty", optional, forceNew, { default: false }),
  ulimit: set("ulimits", optional, forceNew, {
    fields: {
      hard: int("hard", required, forceNew),
      name: string("name", required, forceNew),
      soft: int("soft", required, forceNew),
    },
  }),
  upload: set("uploads", optional, forceNew, { fields: uploadFields }),
  user: string("user", optional, forceNew, { suppress: keepsWhenEmpty }),
  userns_mode: string("usernsMode", optional, forceNew),
  volumes: set("volumes", optional, forceNew, { fields: volumeFields }),
  wait: bool("wait", optional, { default: false }),
  wait_timeout: int("waitTimeout", optional, { default: 60 }),
  working_dir: string("workingDir", optional, forceNew, { suppress: keepsWhenEmpty }),
};
