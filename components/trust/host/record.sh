# shellcheck shell=sh
# shellcheck disable=SC2154 # root, record, folders, stack, program, proxy_file and content are the caller's
# What we have put on a machine, so that it can be taken back to the byte. $record: `files` (SHA-256, tab, path of
# every file we wrote; two lines while it is replaced), `saved-…` (what a file was before us), `login` (see docker.sh),
# `…-due`, `ca.pem`, `name`, `address`, `owner` (the host in the settings), `generation`. $folders, which all stacks
# share: the folders that we made, outermost first.
# Sourced by scripts/local-trust.sh, and sent to hosts with the other parts by on-host.sh.

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

digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

# mktemp_beside PATH: a temporary file in the same folder, so that a rename puts it in place.
mktemp_beside() { mktemp "$(dirname "$1")/.private-registry.XXXXXX"; }

recorded_files() { if [ -f "$record/files" ]; then awk -F '\t' '!seen[$2]++ { print $2 }' "$record/files"; fi; }

is_recorded() { recorded_files | grep -qxF -e "$1"; }

# is_ours PATH SUM: whether these are contents of ours: or, on record while it is being replaced, what was there before.
is_ours() { awk -F '\t' -v s="$2" -v p="$1" '$1 == s && $2 == p { found = 1 } END { exit !found }' "$record/files" 2>/dev/null; }

forget() { if [ -f "$record/files" ]; then remember "$1"; fi; }

# remember PATH SUM…: these sums and no others.
remember() {
  remember_path=$1
  shift
  { awk -F '\t' -v p="$remember_path" '$2 != p' "$record/files" 2>/dev/null || true; } >"$record/files.new"
  for remember_sum in "$@"; do printf '%s\t%s\n' "$remember_sum" "$remember_path" >>"$record/files.new"; done
  mv "$record/files.new" "$record/files"
}

# is_due WHAT: whether a step that follows from changes is still to be taken; also in a later run, when this one ends
# before. The marker is there before the change.
is_due() { [ -e "$record/$1-due" ]; }
set_due() { : >"$record/$1-due"; }
done_with() { rm -f "$record/$1-due"; }

# will_change PATH: before every change of a file.
will_change() {
  set_due restart
  case $1 in
    "$proxy_file") set_due reload ;;
    "$(anchors)"/private-registry-*) set_due store ;;
    *) ;;
  esac
}

saved() { printf '%s/saved-%s' "$record" "$(printf '%s' "$1" | sha256sum | cut -c 1-16)"; }

make_folder() {
  if [ -d "$root$1" ]; then return 0; fi
  make_folder "$(dirname "$1")"
  printf '%s\n' "$1" >>"$folders"
  mkdir "$root$1"
}

# put_file PATH [MODE]: $content there, whole or not at all. What was there before us is kept for remove; what
# somebody has made of our file since is left.
put_file() {
  put_path=$1 put_now=''
  put_sum=$(printf '%s\n' "$content" | sha256sum | cut -d ' ' -f 1)
  if [ -e "$root$put_path" ] || [ -L "$root$put_path" ]; then
    put_now=$(digest "$root$put_path" 2>/dev/null)
    if [ "$put_now" = "$put_sum" ]; then
      # A run that was ended after it had put it there has left the old sum, too.
      if is_recorded "$put_path"; then remember "$put_path" "$put_sum"; fi
      return 0
    fi
    if ! is_recorded "$put_path"; then
      cp -pP "$root$put_path" "$(saved "$put_path")"
      say "$put_path was there already with other contents: kept aside, remove puts it back"
    elif ! is_ours "$put_path" "$put_now"; then
      say "$put_path was changed by somebody else: left as it is"
      return 0
    fi
  fi
  make_folder "$(dirname "$put_path")"
  will_change "$put_path"
  # On record first, beside what is there now: whenever this ends, either of them is known as ours.
  # shellcheck disable=SC2086 # one or none
  remember "$put_path" "$put_sum" $put_now
  put_new=$(mktemp_beside "$root$put_path")
  printf '%s\n' "$content" >"$put_new"
  chmod "${2:-644}" "$put_new"
  mv -f "$put_new" "$root$put_path"
  remember "$put_path" "$put_sum"
  echo "wrote    $put_path"
}

# undo_file PATH: as it was before us; left alone when somebody has changed it since.
undo_file() {
  undo_saved=$(saved "$1") undo_now=''
  if [ -e "$root$1" ]; then undo_now=$(digest "$root$1"); fi
  if [ -n "$undo_now" ] && ! is_ours "$1" "$undo_now"; then
    say "$1 was changed by somebody else: left as it is"
  elif [ -e "$undo_saved" ] || [ -L "$undo_saved" ]; then
    will_change "$1"
    # shellcheck disable=SC2046,SC2086 # each of them one or none
    remember "$1" $undo_now $(digest "$undo_saved" 2>/dev/null)
    restore "$undo_saved" "$root$1"
    echo "restored $1"
  elif [ -e "$root$1" ]; then
    will_change "$1"
    rm -f "$root$1"
    echo "removed  $1"
  fi
  forget "$1"
  rm -f "$undo_saved"
}

# restore SAVED PATH: by a rename, though they are on different file systems. What was saved stays until it is there.
restore() {
  restore_new=$(mktemp_beside "$2")
  rm -f "$restore_new"
  cp -pP "$1" "$restore_new"
  mv -f "$restore_new" "$2"
}

# remove_folders: those that we made and that are empty now, innermost first.
remove_folders() {
  if [ ! -f "$folders" ]; then return 0; fi
  sed '1!G;h;$!d' "$folders" | while read -r folder; do
    rmdir "$root$folder" 2>/dev/null || true
    if [ -d "$root$folder" ]; then printf '%s\n' "$folder"; fi
  done | sed '1!G;h;$!d' >"$folders.new"
  if [ -s "$folders.new" ]; then mv "$folders.new" "$folders"; else rm -f "$folders" "$folders.new"; fi
}

# sweep: what a run that was killed has left behind.
sweep() {
  {
    recorded_files
    printf '%s\n' /etc/hosts /etc/pki/tls/certs/ca-bundle.crt
    if [ -f "$record/login" ]; then login_file "$(cut -f 1 "$record/login")" && echo; fi
  } | while read -r sweep_path; do
    rm -f "$root$(dirname "$sweep_path")"/.private-registry.??????
  done
}

# remove_record: the last thing remove does. Folders of ours that somebody else uses by now stay, and are forgotten with
# the last record.
remove_record() {
  remove_folders
  rm -rf "$record"
  if ! ls -d "$(dirname "$folders")"/*/ >/dev/null 2>&1; then rm -f "$folders"; fi
  rmdir "$root/var/lib/private-registry" 2>/dev/null || true
}
