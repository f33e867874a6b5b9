# shellcheck shell=sh
# shellcheck disable=SC2154 # root, record, folders, content, sums and sum are the caller's
# A file of ours on a machine: put there whole, and taken back as it was before us.

# digest_content: sets `content_sum` to the SHA-256 of the file that $content is put into. Most places hold the same.
digest_content() {
  if [ "$content" = "${digested-nothing yet}" ]; then return 0; fi
  content_sum=$(printf '%s\n' "$content" | sha256sum) digested=$content
  content_sum=${content_sum%% *}
}

# name_beside PATH: sets `new` to a temporary name in the same folder, so that a rename puts it in place.
name_beside() { new=${1%/*}/.private-registry.$$; }

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
