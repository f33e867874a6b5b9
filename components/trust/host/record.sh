# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # value and local_record are read by others; root, records, record, folders, stack, program, proxy_file and anchors are the caller's
# What we have put on a machine, so that it can be taken back to the byte. $record: `files` (SHA-256, tab, path of
# every file we wrote; two lines while it is replaced), `saved-…` (what a file was before us), `login` (see docker.sh),
# `…-due`, `ca.pem`, `name`, `address`, `owner` (the host in the settings), `generation`. $folders, which all stacks
# share: the folders that we made, outermost first.
# Sourced by scripts/local-trust.sh, and sent to hosts with the other parts by on-host.sh.
#
# What a function finds out it leaves in a variable, which its comment names: a process for every `$(…)`, and for what
# the shell can do itself, would be most of what a run costs a host.

nl='
' tab='	'

say() { printf '%s: %s\n' "$program" "$*" >&2; }

refuse() {
  say "$@"
  exit 2
}

# lock: on a folder that is there anyhow, so that nothing is left behind. Two at once break each other.
lock() {
  exec 9<"$root/etc"
  if ! has flock; then return 0; fi
  lock_seconds=60 lock_waited=0
  until flock -n 9; do
    if [ "$lock_waited" -ge "$lock_seconds" ]; then
      say "another run is at work on this host, since more than $lock_seconds s"
      exit 8
    fi
    lock_waited=$((lock_waited + 1))
    sleep 1
  done
}

# read_text FILE: sets `text` to all of a small file; nothing where there is none.
read_text() {
  text='' read_line=''
  if [ ! -f "$1" ]; then return 0; fi
  while IFS= read -r read_line; do text=$text$read_line$nl; done <"$1"
  text=$text$read_line
}

# read_value NAME: sets `value` to what the record has under that name, without the newline at its end.
read_value() {
  read_text "$record/$1"
  value=${text%"$nl"}
}

# exists PATH: also a link that leads nowhere.
exists() { [ -e "$1" ] || [ -L "$1" ]; }

# digest FILE: sets `sum` to its SHA-256; nothing where there is none.
digest() {
  sum=''
  if [ -f "$1" ]; then sum=$(sha256sum <"$1"); fi
  sum=${sum%% *}
}

# list_recorded: sets `recorded` to the paths of the files on record, each of them once.
list_recorded() {
  recorded=''
  if [ ! -f "$record/files" ]; then return 0; fi
  while IFS=$tab read -r list_sum list_path; do
    case " $recorded " in
      *" $list_path "*) ;;
      *) recorded="$recorded $list_path" ;;
    esac
  done <"$record/files"
}

# find_sums PATH: sets `sums` to what is on record for it: " SUM", two of them while it is replaced, nothing where it is
# not ours.
find_sums() {
  sums=''
  if [ ! -f "$record/files" ]; then return 0; fi
  while IFS=$tab read -r find_sum find_path; do
    if [ "$find_path" = "$1" ]; then sums="$sums $find_sum"; fi
  done <"$record/files"
}

# is_ours PATH SUM: whether these are contents of ours: or, on record while it is being replaced, what was there before.
is_ours() {
  find_sums "$1"
  case "$sums " in
    *" $2 "*) return 0 ;;
    *) return 1 ;;
  esac
}

forget() { if [ -f "$record/files" ]; then remember "$1"; fi; }

# remember PATH SUM…: these sums and no others.
remember() {
  remember_path=$1
  shift
  {
    if [ -f "$record/files" ]; then
      while IFS=$tab read -r other_sum other_path; do
        if [ "$other_path" != "$remember_path" ]; then printf '%s\t%s\n' "$other_sum" "$other_path"; fi
      done <"$record/files"
    fi
    for remember_sum in "$@"; do printf '%s\t%s\n' "$remember_sum" "$remember_path"; done
  } >"$record/files.new"
  mv "$record/files.new" "$record/files"
}

# is_due WHAT: whether a step that follows from changes is still to be taken; also in a later run, when this one ends
# before. The marker is there before the change.
is_due() { [ -e "$record/$1-due" ]; }
set_due() { : >"$record/$1-due"; }
done_with() { if is_due "$1"; then rm -f "$record/$1-due"; fi; }

# will_change PATH: before every change of a file.
will_change() {
  set_due restart
  case $1 in
    "$proxy_file") set_due reload ;;
    "$anchors"/private-registry-*) set_due store ;;
    *) ;;
  esac
}

# find_local: sets `local_record` to the record of scripts/local-trust.sh for this stack: no stack's name has a colon.
find_local() {
  local_record=$records/local:$stack
  if is_local "$records/local-trust-$stack"; then local_record=$records/local-trust-$stack; fi
}

# is_local FOLDER: whether it is such a record under the name that they had first, which another stack may have.
is_local() {
  case $1 in
    */local-trust-*) [ -f "$1/name" ] && [ ! -e "$1/owner" ] && [ ! -e "$1/ca.pem" ] ;;
    *) return 1 ;;
  esac
}

# sweep: what a run that was killed has left behind.
sweep() {
  list_recorded
  read_value login
  if [ -n "$value" ]; then recorded="$recorded $(login_file "${value%%"$tab"*}")"; fi
  for sweep_path in $recorded /etc/hosts /etc/pki/tls/certs/ca-bundle.crt; do
    for sweep_file in "$root${sweep_path%/*}"/.private-registry.*; do
      if exists "$sweep_file"; then rm -f "$sweep_file"; fi
    done
  done
}

# remove_record: the last thing remove does.
remove_record() {
  remove_folders
  rm -rf "$record"
  drop_records
}

# drop_records: the folder of all records, once there is none. Folders of ours that somebody else uses by now stay, and
# are forgotten with it.
drop_records() {
  for other_record in "$records"/*/; do
    if [ -d "$other_record" ]; then return 0; fi
  done
  rm -f "$folders"
  rmdir "$records" 2>/dev/null || true
}
