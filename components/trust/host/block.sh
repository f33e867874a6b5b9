# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # bundle_block is read by store_put; root, stack, record, address, name, bundles, new and the like are the caller's
# Lines of ours, between markers, in a file that is somebody else's: /etc/hosts, and CentOS 6's bundle.

begin="# private-registry $stack begin" end="# private-registry $stack end"
# As sed takes them. Of what a stack's name may have, only the dot means something else there.
case $stack in
  *.*) block_stack=$(printf '%s' "$stack" | sed 's/\./\\./g') ;;
  *) block_stack=$stack ;;
esac
block_range="/^# private-registry $block_stack begin\$/,/^# private-registry $block_stack end\$/"

has_block() { grep -qxF -e "$begin" "$1" 2>/dev/null; }

# require_whole: in every file that has lines of ours, before anything is changed. Without one of the markers nobody can
# tell which lines are ours, and what is deleted from the other one on may be everybody's. Sets `hosts_block` and
# `bundle_block` to our lines in /etc/hosts and in the bundle, with their markers.
require_whole() {
  hosts_block='' bundle_block=''
  list_bundles
  for whole_file in "$root/etc/hosts" $bundles; do
    if [ ! -f "$whole_file" ]; then continue; fi
    find_block "$whole_file"
    if [ "$lone" != 0 ]; then
      say "${whole_file#"$root"}, line $lone, was changed by somebody else: \"$(sed -n "${lone}p" "$whole_file")\"" \
        "stands there without the other marker of its pair. Put that back, or take out all lines of the stack $stack." \
        "Nothing was changed"
      exit 6
    fi
    case $whole_file in
      "$root/etc/hosts") hosts_block=$block ;;
      "$bundle") bundle_block=$block ;;
      *) ;;
    esac
  done
}

# find_block FILE: sets `block` to our lines in it, with their markers, and `lone` to the number of the first line with
# a marker that is none of a pair in order, or to 0.
find_block() {
  block=$(awk -v begin="$begin" -v end="$end" '
    $0 == begin { if (open) exit; open = NR }
    $0 == end && !open { open = NR; exit }
    open { block = block "\n" $0 }
    $0 == end { open = 0 }
    END { print open + 0 block }' "$1")
  lone=${block%%"$nl"*}
  block=${block#"$lone"}
  block=${block#"$nl"}
}

# sed, unlike awk, leaves a last line without newline as it is.
without_block() { sed "${block_range}d" "$1"; }

# with_block FILE LINES: at the end; at the beginning where the last line has no newline, so that removing gives back
# every byte.
with_block() {
  if [ -z "$(tail -c 1 "$1")" ]; then
    without_block "$1" && printf '%s\n' "$begin" "$2" "$end"
  else
    printf '%s\n' "$begin" "$2" "$end" && without_block "$1"
  fi
}

# rewrite FILE COMMAND…: gives it what the command prints, by rename; in place where it is a mount of its own, as
# /etc/hosts in containers, or a link. Never call it in a condition, under which `set -e` sleeps.
rewrite() {
  rewrite_file=$1
  shift
  set_due restart
  name_beside "$rewrite_file"
  cp -p "$rewrite_file" "$new"
  "$@" >"$new"
  if [ -L "$rewrite_file" ] || ! mv -f "$new" "$rewrite_file" 2>/dev/null; then
    cat "$new" >"$rewrite_file"
    rm -f "$new"
  fi
}

put_block() { rewrite "$1" with_block "$1" "$2"; }
drop_block() { rewrite "$1" without_block "$1"; }

# The registry's address for machines whose name server does not know it.
hosts_line_is_right() {
  if [ -z "$address" ]; then [ -z "$hosts_block" ]; else [ "$hosts_block" = "$begin$nl$address ${name%:*}$nl$end" ]; fi
}

put_hosts() {
  if hosts_line_is_right; then return 0; fi
  if [ -z "$address" ]; then
    drop_hosts
    return 0
  fi
  put_hosts_other=$(awk -v n="${name%:*}" -v a="$address" -v begin="$begin" -v end="$end" '
    $0 == begin, $0 == end { next }
    !/^[ \t]*#/ { for (i = 2; i <= NF; i++) if ($i == n && $1 != a) { print $1; exit } }' "$root/etc/hosts")
  if [ -n "$put_hosts_other" ]; then
    say "/etc/hosts has ${name%:*} at $put_hosts_other already, which comes before $address: take that line out"
  fi
  put_block "$root/etc/hosts" "$address ${name%:*}"
  echo "wrote    /etc/hosts: $address ${name%:*}"
}

drop_hosts() {
  if ! has_block "$root/etc/hosts"; then return 0; fi
  drop_block "$root/etc/hosts"
  echo "removed  /etc/hosts: the lines of stack $stack"
}
