# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # changed is read by others; root, id, stack, name and content are the caller's
# What we have put on a machine, so that it can be taken back to the byte. $record: `files` (SHA-256, tab, path of
# every file we wrote), `saved-…` (what a file was before us), `ca.pem`, `name`, `address`, `owner` (the host in the
# settings), `generation`. $folders, which all stacks share: the folders that we made, outermost first.
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

recorded_sum() { if [ -f "$record/files" ]; then awk -F '\t' -v p="$1" '$2 == p { print $1 }' "$record/files"; fi; }

recorded_files() { if [ -f "$record/files" ]; then cut -f 2 "$record/files"; fi; }

forget() {
  if [ ! -f "$record/files" ]; then return 0; fi
  awk -F '\t' -v p="$1" '$2 != p' "$record/files" >"$record/files.new"
  mv "$record/files.new" "$record/files"
}

remember() {
  { awk -F '\t' -v p="$2" '$2 != p' "$record/files" 2>/dev/null || true; } >"$record/files.new"
  printf '%s\t%s\n' "$1" "$2" >>"$record/files.new"
  mv "$record/files.new" "$record/files"
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
  put_path=$1
  put_sum=$(printf '%s\n' "$content" | sha256sum | cut -d ' ' -f 1)
  if [ -e "$root$put_path" ]; then
    put_now=$(digest "$root$put_path")
    if [ "$put_now" = "$put_sum" ]; then return 0; fi
    case $(recorded_sum "$put_path") in
      "$put_now") ;;
      '')
        cp -pP "$root$put_path" "$(saved "$put_path")"
        say "$put_path was there already with other contents: kept aside, remove puts it back"
        ;;
      *)
        say "$put_path was changed by somebody else: left as it is"
        return 0
        ;;
    esac
  fi
  make_folder "$(dirname "$put_path")"
  # On record first: whatever happens, remove knows.
  remember "$put_sum" "$put_path"
  put_new=$(mktemp_beside "$root$put_path")
  printf '%s\n' "$content" >"$put_new"
  chmod "${2:-644}" "$put_new"
  mv -f "$put_new" "$root$put_path"
  changed=yes
  echo "wrote    $put_path"
}

# undo_file PATH: as it was before us; left alone when somebody has changed it since.
undo_file() {
  if [ -e "$root$1" ] && [ "$(digest "$root$1")" != "$(recorded_sum "$1")" ]; then
    say "$1 was changed by somebody else: left as it is"
  elif [ -e "$(saved "$1")" ]; then
    mv -f "$(saved "$1")" "$root$1"
    changed=yes
    echo "restored $1"
  elif [ -e "$root$1" ]; then
    rm -f "$root$1"
    changed=yes
    echo "removed  $1"
  fi
  forget "$1"
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
  { recorded_files && echo /etc/hosts && echo /etc/pki/tls/certs/ca-bundle.crt; } | while read -r sweep_path; do
    rm -f "$root$(dirname "$sweep_path")"/.private-registry.??????
  done
}

# remove_record: the last thing remove does.
remove_record() {
  remove_folders
  rm -rf "$record"
  rmdir "$root/var/lib/private-registry" 2>/dev/null || true
}
