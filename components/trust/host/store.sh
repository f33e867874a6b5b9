# shellcheck shell=sh
# shellcheck disable=SC2154 # root, stack, record, pem, next and unknown are the caller's
# The system's own store of trusted certificates, in each family's way.

has() { command -v "$1" >/dev/null 2>&1; }

# store: which kind this machine has.
#   el6     a bundle that is a plain file, which `update-ca-trust extract` silently leaves alone
#   el      anchors, extracted by p11-kit: Enterprise Linux from 7 on, Fedora, Amazon Linux, CentOS 6 once enabled
#   suse    anchors of its own
#   debian  local certificates: Debian, Ubuntu, Alpine
store() {
  if [ -f "$root/etc/pki/tls/certs/ca-bundle.crt" ] && [ ! -L "$root/etc/pki/tls/certs/ca-bundle.crt" ]; then
    echo el6
  elif [ -d "$root/etc/pki/ca-trust/source/anchors" ] && has update-ca-trust; then
    echo el
  elif [ -d "$root/etc/pki/trust/anchors" ] && has update-ca-certificates; then
    echo suse
  elif [ -d "$root/etc/ssl/certs" ] && has update-ca-certificates; then
    echo debian
  else
    echo none
  fi
}

# system: its name, as a person knows it.
system() {
  # shellcheck disable=SC1091 # a file of the host
  system_name=$(. "$root/etc/os-release" 2>/dev/null && printf '%s' "${PRETTY_NAME-}") || true
  if [ -z "$system_name" ]; then system_name=$(head -n 1 "$root/etc/redhat-release" 2>/dev/null) || true; fi
  printf '%s' "${system_name:-$(uname -s) without /etc/os-release}"
}

# bundle: the file in which programs look.
bundle() {
  case $(store) in
    el | el6) echo "$root/etc/pki/tls/certs/ca-bundle.crt" ;;
    suse) if [ -e "$root/etc/ssl/ca-bundle.pem" ]; then echo "$root/etc/ssl/ca-bundle.pem"; else echo "$root/var/lib/ca-certificates/ca-bundle.pem"; fi ;;
    debian) echo "$root/etc/ssl/certs/ca-certificates.crt" ;;
    *) echo "$root/etc/docker/certs.d/$name/ca.crt" ;;
  esac
}

# anchors: the folder for certificates of the administrator's. CentOS 6 may have it long before it is in use.
anchors() {
  case $(store) in
    el) echo /etc/pki/ca-trust/source/anchors ;;
    el6) if [ -d "$root/etc/pki/ca-trust/source/anchors" ]; then echo /etc/pki/ca-trust/source/anchors; fi ;;
    suse) echo /etc/pki/trust/anchors ;;
    debian) echo /usr/local/share/ca-certificates ;;
    *) ;;
  esac
}

# holds FILE PEM: whether the certificate is in it, by the last whole line of its base64: part of its signature.
holds() {
  holds_line=$(printf '%s\n' "$2" | grep -x '[A-Za-z0-9+/=]\{64\}' | tail -n 1)
  grep -qxF -e "$holds_line" "$1" 2>/dev/null
}

# in_bundle: whether the store has taken in every CA that it is to hold.
in_bundle() {
  holds "$(bundle)" "$pem" && { [ -z "$next" ] || holds "$(bundle)" "$next"; }
}

# Backups that CentOS 6's update-ca-trust keeps, and would bring back with our lines in them.
el6_backups() {
  for el6_backup in "$root"/etc/pki/backup-traditional-*/*; do
    if [ -f "$el6_backup" ]; then printf '%s\n' "$el6_backup"; fi
  done
}

# store_put: has the store follow the anchors, once they are in place.
store_put() {
  if [ "$(store)" != el6 ]; then
    if ! is_due store && in_bundle; then return 0; fi
    refresh_store
  elif [ "$(block_of "$(bundle)")" != "$all_pem" ]; then
    # The whole bundle as it was, for the administrator's peace of mind. Removing takes our lines out and leaves
    # what updates have brought meanwhile.
    if [ ! -f "$record/ca-bundle.crt.before" ]; then cp -p "$(bundle)" "$record/ca-bundle.crt.before"; fi
    put_block "$(bundle)" "$all_pem"
    echo "wrote    /etc/pki/tls/certs/ca-bundle.crt: the lines of stack $stack"
  fi
  done_with store
}

# store_drop: once the anchors are gone.
store_drop() {
  for store_drop_file in $(if [ "$(store)" = el6 ]; then bundle; fi) $(el6_backups); do
    if has_block "$store_drop_file"; then
      drop_block "$store_drop_file"
      echo "removed  ${store_drop_file#"$root"}: the lines of stack $stack"
    fi
  done
  if [ "$(store)" != el6 ]; then refresh_store; fi
}

refresh_store() {
  case $(store) in
    debian | suse) refresh_store_by="update-ca-certificates" ;;
    el) refresh_store_by="update-ca-trust extract" ;;
    *) return 0 ;;
  esac
  if [ -n "$root" ] && [ "$(store)" = debian ]; then
    refresh_store_by="update-ca-certificates --certsconf $root/etc/ca-certificates.conf --certsdir $root/usr/share/ca-certificates --localcertsdir $root/usr/local/share/ca-certificates --etccertsdir $root/etc/ssl/certs --hooksdir $root/etc/ca-certificates/update.d"
  fi
  drop_dangling_links
  if refresh_store_said=$($refresh_store_by 2>&1 9<&-); then
    echo "ran      ${refresh_store_by%% --*}"
  else
    say "$refresh_store_by failed: $refresh_store_said"
    exit 1
  fi
}

# Debian's tool leaves the links to a certificate that is gone, or a gap in the numbers of the hashed ones.
drop_dangling_links() {
  dangling=
  for dangling_link in "$root/etc/ssl/certs/private-registry-$stack.pem" "$root/etc/ssl/certs/private-registry-$stack-next.pem"; do
    if [ -L "$dangling_link" ] && [ ! -e "$dangling_link" ]; then
      rm -f "$dangling_link"
      dangling=yes
    fi
  done
  if [ -n "$dangling" ] && has openssl; then openssl rehash "$root/etc/ssl/certs" >/dev/null 2>&1 || true; fi
}
