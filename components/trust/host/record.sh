# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # value is read by others; root, record, folders, stack, program, proxy_file, anchors and content are the caller's
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

# digest_content: sets `content_sum` to the SHA-256 of the file that $content is put into. Most places hold the same.
digest_content() {
  if [ "$content" = "${digested-nothing yet}" ]; then return 0; fi
  content_sum=$(printf '%s\n' "$content" | sha256sum) digested=$content
  content_sum=${content_sum%% *}
}

# name_beside PATH: sets `new` to a temporary name in the same folder, so that a rename puts it in place.
name_beside() { new=${1%/*}/.private-registry.$$; }

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

# name_saved PATH: sets `saved` to the name under which is kept what was there before us.
name_saved() { saved=$record/saved-$(printf '%s' "$1" | sha256sum | cut -c 1-16); }

# find_saved PATH: sets `saved` to it; to nothing where there was nothing.
find_saved() {
  saved=''
  set -- "$1" "$record"/saved-*
  if ! exists "$2"; then return 0; fi
  name_saved "$1"
  if ! exists "$saved"; then saved=''; fi
}

# make_folder PATH: and those above it that are missing.
make_folder() {
  make_path=$1 make_missing=''
  until [ -d "$root$make_path/" ]; do
    make_missing=$make_path$nl$make_missing make_path=${make_path%/*}
  done
  if [ -z "$make_missing" ]; then return 0; fi
  printf '%s' "$make_missing" >>"$folders"
  mkdir -p "$root$1"
}

# put_file PATH: $content there, whole or not at all. What was there before us is kept for remove; what somebody has
# made of our file since is left.
put_file() {
  put_path=$1 put_now=''
  find_sums "$put_path"
  digest_content
  if exists "$root$put_path"; then
    read_text "$root$put_path"
    if [ "$text" = "$content$nl" ]; then
      # A run that was ended after it had put it there has left the old sum, too.
      if [ -n "$sums" ] && [ "$sums" != " $content_sum" ]; then remember "$put_path" "$content_sum"; fi
      return 0
    fi
    digest "$root$put_path"
    put_now=$sum
    if [ -z "$sums" ]; then
      name_saved "$put_path"
      cp -pP "$root$put_path" "$saved"
      say "$put_path was there already with other contents: kept aside, remove puts it back"
    elif ! is_ours "$put_path" "$put_now"; then
      say "$put_path was changed by somebody else: left as it is"
      return 0
    fi
  fi
  make_folder "${put_path%/*}"
  will_change "$put_path"
  # On record first, beside what is there now: whenever this ends, either of them is known as ours.
  # shellcheck disable=SC2086 # one or none
  remember "$put_path" "$content_sum" $put_now
  name_beside "$root$put_path"
  printf '%s\n' "$content" >"$new"
  mv -f "$new" "$root$put_path"
  remember "$put_path" "$content_sum"
  echo "wrote    $put_path"
}

# undo_file PATH: as it was before us; left alone when somebody has changed it since.
undo_file() {
  digest "$root$1"
  undo_now=$sum
  find_saved "$1"
  if [ -n "$undo_now" ] && ! is_ours "$1" "$undo_now"; then
    say "$1 was changed by somebody else: left as it is"
  elif [ -n "$saved" ]; then
    will_change "$1"
    digest "$saved"
    # shellcheck disable=SC2086 # each of them one or none
    remember "$1" $undo_now $sum
    restore "$saved" "$root$1"
    echo "restored $1"
  elif [ -e "$root$1" ]; then
    will_change "$1"
    rm -f "$root$1"
    echo "removed  $1"
  fi
  forget "$1"
  if [ -n "$saved" ]; then rm -f "$saved"; fi
}

# restore SAVED PATH: by a rename, though they are on different file systems. What was saved stays until it is there.
restore() {
  restore_new=$(mktemp "${2%/*}/.private-registry.XXXXXX")
  rm -f "$restore_new"
  cp -pP "$1" "$restore_new"
  mv -f "$restore_new" "$2"
}

# remove_folders: those that we made and that are empty now, innermost first.
remove_folders() {
  if [ ! -f "$folders" ]; then return 0; fi
  set --
  while read -r folder; do set -- "$root$folder" "$@"; done <"$folders"
  rmdir "$@" 2>/dev/null || true
  while read -r folder; do
    if [ -d "$root$folder" ]; then printf '%s\n' "$folder"; fi
  done <"$folders" >"$folders.new"
  if [ -s "$folders.new" ]; then mv "$folders.new" "$folders"; else rm -f "$folders" "$folders.new"; fi
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

# remove_record: the last thing remove does. Folders of ours that somebody else uses by now stay, and are forgotten with
# the last record.
remove_record() {
  remove_folders
  rm -rf "$record"
  for other_record in "${record%/*}"/*/; do
    if [ -d "$other_record" ]; then return 0; fi
  done
  rm -f "$folders"
  rmdir "${record%/*}" 2>/dev/null || true
}
