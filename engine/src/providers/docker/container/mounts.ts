import type Docker from "dockerode";
import type { PropertyMap, Value } from "../../../values/value";
import { getBool, getNumber, getObjects, getString } from "../terraform/read";

/** A mount as Docker's API takes it; options only of its own type, as the provider has it. */
export function mount(state: PropertyMap): Docker.MountSettings {
  const type = getString(state, "type") as Docker.MountType;
  const bind = getObjects(state, "bind_options")[0];
  const tmpfs = getObjects(state, "tmpfs_options")[0];
  return {
    Type: type,
    Target: getString(state, "target"),
    Source: getString(state, "source"),
    ReadOnly: getBool(state, "read_only"),
    ...(type === "bind" && bind
      ? { BindOptions: { Propagation: getString(bind, "propagation") as Docker.MountPropagation } }
      : {}),
    ...(type === "tmpfs" && tmpfs
      ? { TmpfsOptions: { SizeBytes: getNumber(tmpfs, "size_bytes"), Mode: getNumber(tmpfs, "mode") } }
      : {}),
  };
}

/** The mounts of a container, by Terraform's names. */
export function mountsOf(mounts: readonly Docker.MountSettings[] | null | undefined): readonly Value[] {
  return (mounts ?? []).map((found) => ({
    target: found.Target,
    source: found.Source || "",
    type: found.Type,
    read_only: found.ReadOnly ?? false,
    ...(found.BindOptions ? { bind_options: [bindOf(found.BindOptions)] } : {}),
    ...(found.TmpfsOptions ? { tmpfs_options: [tmpfsOf(found.TmpfsOptions)] } : {}),
  }));
}

/** Docker leaves out what is empty or zero. */
function bindOf(options: { readonly Propagation?: string }): PropertyMap {
  return { propagation: options.Propagation ?? "" };
}

function tmpfsOf(options: { readonly SizeBytes?: number; readonly Mode?: number }): PropertyMap {
  return { size_bytes: options.SizeBytes ?? 0, mode: options.Mode ?? 0 };
}

interface VolumeBindings {
  readonly targets: Record<string, Record<string, never>>;
  readonly binds: string[];
  readonly from: string[];
}

/** `volumes`: named ones and host paths become binds, the rest anonymous volumes or those of other containers. */
export function volumeBindings(volumes: readonly PropertyMap[]): VolumeBindings {
  const bindings: VolumeBindings = { targets: {}, binds: [], from: [] };
  for (const volume of volumes) {
    const from = getString(volume, "from_container");
    const target = getString(volume, "container_path");
    const source = getString(volume, "host_path") || getString(volume, "volume_name");
    if (from !== "") {
      bindings.from.push(from);
      continue;
    }
    bindings.targets[target] = {};
    if (source === "") continue;
    const relabel = getString(volume, "selinux_relabel");
    const mode = `${getBool(volume, "read_only") ? "ro" : "rw"}${relabel === "" ? "" : `,${relabel}`}`;
    bindings.binds.push(`${source}:${target}:${mode}`);
  }
  return bindings;
}
