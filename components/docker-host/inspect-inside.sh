# shellcheck shell=sh
# Runs in a container of the Docker host that sees its root as /host, and the volumes of files under /files.
# Prints "key<TAB>value" lines: owner or fault of the data folder, who keeps the gateway (uid 33) from reading it, the
# generation of each intact volume.
# Changes nothing.
set -u

# A link with an absolute target cannot be followed from here: then Docker has the last word.
data=/host$DATA_PATH
if [ -d "$data" ]; then
  printf 'owner\t%s\n' "$(stat -c %u:%g "$data")"
  # The registry runs as the owner, who has nothing but his own rights, also where that is root.
  case $(stat -c %A "$data") in
    drw[xs]*) ;;
    *) printf 'fault\tcannot be used by its owner, as whom the registry runs: its mode is %s\n' "$(stat -c %a "$data")" ;;
  esac
elif [ -e "$data" ]; then
  printf 'fault\tis not a folder\n'
fi
# What the gateway must pass on its way to a blob. Files and folders of the registry's own making are open to all.
for folder in "$data" "$data/docker" "$data/docker/registry" "$data/docker/registry/v2" \
  "$data/docker/registry/v2/blobs" "$data/docker/registry/v2/repositories"; do
  [ -d "$folder" ] || continue
  case $(stat -c '%A %u' "$folder") in
    *[xt]\ * | d??[xs]*\ 33) ;;
    d?????[xs]*)
      group=$(stat -c %g "$folder")
      # Not root's: what that may read is more than images.
      if [ "$group" != 0 ] && [ "$group" = "${reader:-$group}" ]; then reader=$group; else closed=$folder; fi
      ;;
    *) closed=$folder ;;
  esac
  [ -z "${closed-}" ] || break
done
if [ -n "${closed-}" ]; then
  printf 'closed\t%s %s\n' "$(stat -c %a "$closed")" "${closed#/host}"
elif [ -n "${reader-}" ]; then
  printf 'group\t%s\n' "$reader"
fi
# What is missing will be made by Docker: the nearest folder above must be one that can be written to.
above=$data
while [ ! -e "$above" ] && [ "$above" != /host ]; do above=${above%/*}; done
if [ ! -d "$above" ]; then
  [ "$above" = "$data" ] || printf 'fault\tis below %s, which is not a folder\n' "${above#/host}"
elif [ ! -w "$above" ]; then
  printf 'fault\tcannot be written to: %s is on a read-only file system\n' "${above#/host}"
else
  # Root may write there, says the mode; the kernel says no.
  case $(stat -f -c %T "$above") in
    proc | sysfs) printf "fault\\tcannot be written to: %s is the kernel's own file system\\n" "${above#/host}" ;;
  esac
fi

for volume in /files/*; do
  [ -f "$volume/generation" ] || continue
  read -r generation revision fingerprint <"$volume/generation"
  [ "$(readlink "$volume/current")" = "$revision" ] || continue
  [ "$(fingerprint "$volume/$revision")" = "$fingerprint" ] || continue
  printf '%s\t%s\n' "${volume##*/}" "$generation"
done
exit 0
