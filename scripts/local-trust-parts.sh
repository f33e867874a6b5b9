# shellcheck shell=sh
# shellcheck disable=SC2154 # root, stack, record, folders, hosts, name, address and pem are local-trust.sh's
# Sourced by local-trust.sh. In $record: `name` and `address` as installed, `files` (SHA-256, tab, path of every
# file we wrote), `saved-…` (what a file was before us). In $folders, which all stacks share: those that we made,
# outermost first.

say() { printf 'local-trust.sh: %s\n' "$*" >&2; }

refuse() {
  say "$@"
  exit 2
}

# takes NAME VALUE CHARACTERS WHAT: refuses a value that is empty or has other characters.
takes() {
  case $2 in
    '' | -* | *[!$3]*) refuse "$1 is \"$2\"; it takes $4" ;;
  esac
}

need_root() {
  if [ -n "$root" ] || [ "$(id -u)" = 0 ]; then return 0; fi
  say "the registry is not concerned, but only root can $1 this machine's trust in it. As root, $2"
  printf '  sudo env STACK=%s HOSTNAME_=%s PORT=%s ADDRESS=%s sh %s %s\n' "$stack" "${name%:*}" "${name##*:}" \
    "$address" "$here/local-trust.sh" "$1" >&2
  exit 3
}

digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

# store: which kind of system store this machine has.
store() {
  if [ -d "$root/etc/pki/ca-trust/source/anchors" ] && command -v update-ca-trust >/dev/null; then
    echo el
  elif [ -d "$root/etc/ssl/certs" ] && command -v update-ca-certificates >/dev/null &&
    [ ! -d "$root/etc/pki/trust/anchors" ]; then
    echo debian
  else
    echo none
  fi
}

bundle() {
  case $(store) in
    el) echo "$root/etc/pki/tls/certs/ca-bundle.crt" ;;
    debian) echo "$root/etc/ssl/certs/ca-certificates.crt" ;;
    *) echo "$root/etc/docker/certs.d/$name/ca.crt" ;;
  esac
}

# in_bundle: whether the store has taken the CA in, by the last whole line of its base64: part of its signature.
in_bundle() {
  in_bundle_line=$(printf '%s\n' "$pem" | grep -x '[A-Za-z0-9+/=]\{64\}' | tail -n 1)
  grep -qxF -e "$in_bundle_line" "$(bundle)" 2>/dev/null
}

recorded_sum() { if [ -f "$record/files" ]; then awk -F '\t' -v p="$1" '$2 == p { print $1 }' "$record/files"; fi; }

forget() {
  awk -F '\t' -v p="$1" '$2 != p' "$record/files" >"$record/files.new"
  mv "$record/files.new" "$record/files"
}

saved() { printf '%s/saved-%s' "$record" "$(printf '%s' "$1" | sha256sum | cut -c 1-16)"; }

make_folder() {
  if [ -d "$root$1" ]; then return 0; fi
  make_folder "$(dirname "$1")"
  printf '%s\n' "$1" >>"$folders"
  mkdir "$root$1"
}

# put_file PATH: the CA there, whole or not at all. What was there before and isn't ours is kept for remove.
put_file() {
  put_path=$1
  put_sum=$(printf '%s\n' "$pem" | sha256sum | cut -d ' ' -f 1)
  if [ -f "$root$put_path" ] && [ "$(digest "$root$put_path")" = "$put_sum" ]; then return 0; fi
  make_folder "$(dirname "$put_path")"
  if [ -e "$root$put_path" ] && [ "$(recorded_sum "$put_path")" != "$(digest "$root$put_path")" ]; then
    cp -pP "$root$put_path" "$(saved "$put_path")"
    say "$put_path was there already with another certificate: kept aside, remove puts it back"
  fi
  if [ -f "$record/files" ]; then forget "$put_path"; fi
  printf '%s\t%s\n' "$put_sum" "$put_path" >>"$record/files"
  put_new=$(mktemp "$root$(dirname "$put_path")/.private-registry.XXXXXX")
  printf '%s\n' "$pem" >"$put_new"
  chmod 644 "$put_new"
  mv -f "$put_new" "$root$put_path"
  echo "wrote    $put_path"
}

# undo_file PATH: as it was before us; left alone when somebody has changed it since.
undo_file() {
  if [ -e "$root$1" ] && [ "$(digest "$root$1")" != "$(recorded_sum "$1")" ]; then
    say "$1 was changed by somebody else: left as it is"
  elif [ -e "$(saved "$1")" ]; then
    mv -f "$(saved "$1")" "$root$1"
    echo "restored $1"
  elif [ -e "$root$1" ]; then
    rm -f "$root$1"
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

begin() { printf '# private-registry %s begin' "$stack"; }
end() { printf '# private-registry %s end' "$stack"; }
block() { printf '%s\n%s %s\n%s\n' "$(begin)" "$address" "${name%:*}" "$(end)"; }
has_block() { grep -qxF -e "$(begin)" "$hosts" 2>/dev/null; }
dots() { printf '%s' "$1" | sed 's/\./\\./g'; }
# sed, unlike awk, leaves a last line without newline as it is.
without_block() { sed "/^$(dots "$(begin)")\$/,/^$(dots "$(end)")\$/d" "$hosts"; }

# replace_hosts: /etc/hosts from stdin, by rename; in place where it is a mount of its own, as in containers.
replace_hosts() {
  replace_hosts_new=$(mktemp "$root/etc/.private-registry-hosts.XXXXXX")
  cp -p "$hosts" "$replace_hosts_new"
  cat >"$replace_hosts_new"
  if [ -L "$hosts" ] || ! mv -f "$replace_hosts_new" "$hosts" 2>/dev/null; then
    cat "$replace_hosts_new" >"$hosts"
    rm -f "$replace_hosts_new"
  fi
}

put_hosts() {
  if [ -z "$address" ]; then
    drop_block
    return 0
  fi
  if has_block && [ "$(sed -n "/^$(dots "$(begin)")\$/,/^$(dots "$(end)")\$/p" "$hosts")" = "$(block)" ]; then return 0; fi
  put_hosts_other=$(without_block | awk -v n="${name%:*}" -v a="$address" \
    '!/^[ \t]*#/ { for (i = 2; i <= NF; i++) if ($i == n && $1 != a) print $1 }' | head -n 1)
  if [ -n "$put_hosts_other" ]; then
    say "/etc/hosts has ${name%:*} at $put_hosts_other already, which comes before $address: take that line out"
  fi
  # At the end; at the beginning where the last line has no newline, so that removing gives back every byte.
  if [ -z "$(without_block | tail -c 1)" ]; then
    { without_block && block; } >"$record/hosts.new"
  else
    { block && without_block; } >"$record/hosts.new"
  fi
  replace_hosts <"$record/hosts.new"
  rm -f "$record/hosts.new"
  echo "wrote    /etc/hosts: $address ${name%:*}"
}

drop_block() {
  if ! has_block; then return 0; fi
  drop_block_rest=$(mktemp)
  without_block >"$drop_block_rest"
  replace_hosts <"$drop_block_rest"
  rm -f "$drop_block_rest"
  echo "removed  /etc/hosts: the lines of stack $stack"
}

# refresh_store: has the system's store follow its anchors. In any doubt: it is a second's work.
refresh_store() {
  case $(store) in
    debian) refresh_store_by="update-ca-certificates" ;;
    el) refresh_store_by="update-ca-trust extract" ;;
    *) return 0 ;;
  esac
  if [ -n "$root" ] && [ "$(store)" = debian ]; then
    refresh_store_by="update-ca-certificates --certsconf $root/etc/ca-certificates.conf --certsdir $root/usr/share/ca-certificates --localcertsdir $root/usr/local/share/ca-certificates --etccertsdir $root/etc/ssl/certs --hooksdir $root/etc/ca-certificates/update.d"
  fi
  refresh_store_link=$root/etc/ssl/certs/private-registry-$stack.pem
  if [ -L "$refresh_store_link" ] && [ ! -e "$refresh_store_link" ]; then
    # Debian's tool leaves the links to a certificate that is gone, or a gap in the numbers of the hashed ones.
    rm -f "$refresh_store_link"
    if command -v openssl >/dev/null; then openssl rehash "$root/etc/ssl/certs" >/dev/null 2>&1 || true; fi
  fi
  if refresh_store_said=$($refresh_store_by 2>&1); then
    echo "ran      ${refresh_store_by%% --*}"
  else
    say "$refresh_store_by failed: $refresh_store_said"
    exit 1
  fi
}

up_to_date() {
  [ "$(cat "$record/name" 2>/dev/null)" = "$name" ] && [ "$(cat "$record/address" 2>/dev/null)" = "$address" ] || return 1
  for up_to_date_path in $(wanted_files); do
    printf '%s\n' "$pem" | cmp -s - "$root$up_to_date_path" || return 1
  done
  in_bundle || return 1
  if [ -z "$address" ]; then
    ! has_block
  else
    [ "$(sed -n "/^$(dots "$(begin)")\$/,/^$(dots "$(end)")\$/p" "$hosts")" = "$(block)" ]
  fi
}

# prove: a real handshake as any program here would make it; the registry answers 401 to a stranger.
prove() {
  if [ "${PROVE-}" = 0 ]; then return 0; fi
  unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR CURL_HOME
  prove_url=https://$name/v2/
  if command -v curl >/dev/null; then
    set -- curl --disable --silent --show-error --noproxy '*' --max-time 10 --output /dev/null --write-out '%{http_code}'
    # In a test's folder, and where the store is not known, the store cannot be curl's own.
    if [ -n "$root" ] || [ "$(store)" = none ]; then set -- "$@" --cacert "$(bundle)"; fi
    if [ -n "$root" ] && [ -n "$address" ]; then set -- "$@" --resolve "$name:$address"; fi
    prove_said=$("$@" "$prove_url" 2>&1 | head -n 1)
  else
    prove_said=$(printf 'GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" |
      timeout 10 openssl s_client -quiet -no_ign_eof -verify_return_error -servername "${name%:*}" \
        -verify_hostname "${name%:*}" -CAfile "$(bundle)" -connect "$name" 2>/dev/null |
      sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p') || true
  fi
  if [ "$prove_said" = 401 ]; then return 0; fi
  say "$prove_url: expected 401 over TLS that this machine's store accepts; found: ${prove_said:-no answer}." \
    "See: getent hosts ${name%:*}; curl -v $prove_url"
  exit 4
}
