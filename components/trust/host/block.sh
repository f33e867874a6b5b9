# shellcheck shell=sh
# shellcheck disable=SC2154 # root, stack, record, address and name are the caller's
# Lines of ours, between markers, in a file that is somebody else's: /etc/hosts, and CentOS 6's bundle.

begin() { printf '# private-registry %s begin' "$stack"; }
end() { printf '# private-registry %s end' "$stack"; }
dots() { printf '%s' "$1" | sed 's/\./\\./g'; }

has_block() { grep -qxF -e "$(begin)" "$1" 2>/dev/null; }

# require_whole: in every file that has lines of ours, before anything is changed. Without one of the markers nobody can
# tell which lines are ours, and what is deleted from the other one on may be everybody's.
require_whole() {
  for whole_file in "$(etc_hosts)" $(if [ "$(store)" = el6 ]; then bundle; fi) $(el6_backups); do
    whole_line=$(lone_marker "$whole_file")
    if [ -z "$whole_line" ]; then continue; fi
    say "${whole_file#"$root"}, line $whole_line, was changed by somebody else: \"$(sed -n "${whole_line}p" "$whole_file")\"" \
      "stands there without the other marker of its pair. Put that back, or take out all lines of the stack $stack." \
      "Nothing was changed"
    exit 6
  done
}

# lone_marker FILE: the number of the first line with a marker that is none of a pair in order.
lone_marker() {
  if [ ! -f "$1" ]; then return 0; fi
  awk -v begin="$(begin)" -v end="$(end)" '
    $0 == begin { if (open) exit; open = NR }
    $0 == end { if (!open) { open = NR; exit } open = 0 }
    END { if (open) print open }' "$1"
}

# sed, unlike awk, leaves a last line without newline as it is.
without_block() { sed "/^$(dots "$(begin)")\$/,/^$(dots "$(end)")\$/d" "$1"; }
# block_of FILE: the lines between the markers.
block_of() { sed -n "/^$(dots "$(begin)")\$/,/^$(dots "$(end)")\$/p" "$1" 2>/dev/null | sed '1d;$d'; }

# replace FILE: its contents from stdin, by rename; in place where it is a mount of its own, as /etc/hosts in
# containers, or a link.
replace() {
  replace_new=$(mktemp_beside "$1") || exit
  cp -p "$1" "$replace_new" && cat >"$replace_new" || exit
  if [ -L "$1" ] || ! mv -f "$replace_new" "$1" 2>/dev/null; then
    cat "$replace_new" >"$1"
    rm -f "$replace_new"
  fi
}

# put_block FILE LINES: at the end; at the beginning where the last line has no newline, so that removing gives back
# every byte.
put_block() {
  if has_block "$1" && [ "$(block_of "$1")" = "$2" ]; then return 0; fi
  put_block_new=$(mktemp "$record/block.XXXXXX")
  without_block "$1" >"$put_block_new.rest"
  if [ -z "$(tail -c 1 "$put_block_new.rest")" ]; then
    { cat "$put_block_new.rest" && printf '%s\n%s\n%s\n' "$(begin)" "$2" "$(end)"; } >"$put_block_new"
  else
    { printf '%s\n%s\n%s\n' "$(begin)" "$2" "$(end)" && cat "$put_block_new.rest"; } >"$put_block_new"
  fi
  replace "$1" <"$put_block_new"
  rm -f "$put_block_new" "$put_block_new.rest"
  set_due restart
}

# drop_block FILE: of a file that has one. Never call it in a condition, under which `set -e` sleeps.
drop_block() {
  drop_block_rest=$(mktemp)
  without_block "$1" >"$drop_block_rest"
  replace "$1" <"$drop_block_rest"
  rm -f "$drop_block_rest"
  set_due restart
}

# The registry's address for machines whose name server does not know it.
etc_hosts() { printf '%s' "$root/etc/hosts"; }

hosts_line_is_right() {
  if [ -z "$address" ]; then
    ! has_block "$(etc_hosts)"
  else
    [ "$(block_of "$(etc_hosts)")" = "$address ${name%:*}" ]
  fi
}

put_hosts() {
  if hosts_line_is_right; then return 0; fi
  if [ -z "$address" ]; then
    drop_hosts
    return 0
  fi
  put_hosts_other=$(without_block "$(etc_hosts)" | awk -v n="${name%:*}" -v a="$address" \
    '!/^[ \t]*#/ { for (i = 2; i <= NF; i++) if ($i == n && $1 != a) print $1 }' | head -n 1)
  if [ -n "$put_hosts_other" ]; then
    say "/etc/hosts has ${name%:*} at $put_hosts_other already, which comes before $address: take that line out"
  fi
  put_block "$(etc_hosts)" "$address ${name%:*}"
  echo "wrote    /etc/hosts: $address ${name%:*}"
}

drop_hosts() {
  if ! has_block "$(etc_hosts)"; then return 0; fi
  drop_block "$(etc_hosts)"
  echo "removed  /etc/hosts: the lines of stack $stack"
}
