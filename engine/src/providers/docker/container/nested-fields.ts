import { labelFields } from "../labels";
import {
  bool,
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
import { absolutePath, atLeast, base64, matching } from "./field-rules";

export const mountFields: Fields = {
  bind_options: list("bindOptions", optional, {
    single: true,
    fields: {
      propagation: string("propagation", optional, {
        problem: matching("private|rprivate|shared|rshared|slave|rslave"),
      }),
    },
  }),
  read_only: bool("readOnly", optional),
  source: string("source", optional),
  target: string("target", required),
  tmpfs_options: list("tmpfsOptions", optional, forceNew, {
    single: true,
    fields: { mode: int("mode", optional), size_bytes: int("sizeBytes", optional) },
  }),
  type: string("type", required, { problem: matching("bind|volume|tmpfs") }),
  // The real plugin refuses it on engines older than API 1.45.
  volume_options: list("volumeOptions", optional, left, {
    single: true,
    fields: {
      driver_name: string("driverName", optional),
      driver_options: map("driverOptions", optional),
      labels: set("labels", optional, { fields: labelFields }),
      no_copy: bool("noCopy", optional),
      subpath: string("subpath", optional, forceNew),
    },
  }),
};

export const volumeFields: Fields = {
  container_path: string("containerPath", optional, forceNew),
  from_container: string("fromContainer", optional, forceNew),
  host_path: string("hostPath", optional, forceNew, { problem: absolutePath }),
  read_only: bool("readOnly", optional, forceNew),
  selinux_relabel: string("selinuxRelabel", optional, forceNew, { problem: matching("z|Z") }),
  volume_name: string("volumeName", optional, forceNew),
};

export const networkFields: Fields = {
  aliases: set("aliases", optional, forceNew),
  driver_opts: set("driverOpts", optional, forceNew),
  gw_priority: int("gwPriority", optional, forceNew, left, { problem: atLeast(0) }),
  ipv4_address: string("ipv4Address", optional, forceNew),
  ipv6_address: string("ipv6Address", optional, forceNew),
  link_local_ips: set("linkLocalIps", optional, forceNew),
  mac_address: string("macAddress", optional, forceNew),
  name: string("name", required, forceNew),
};

export const uploadFields: Fields = {
  content: string("content", optional, forceNew),
  content_base64: string("contentBase64", optional, forceNew, { problem: base64 }),
  executable: bool("executable", optional, forceNew, { default: false }),
  file: string("file", required, forceNew),
  permissions: string("permissions", optional, forceNew, { problem: matching("0[0-7]{3}") }),
  source: string("source", optional, forceNew),
  source_hash: string("sourceHash", optional, forceNew),
};
