# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # anchors is read by others; root, stack, record, name, pem, next and the like are the caller's
# The system's own store of trusted certificates, in each family's way.

has() { command -v "$1" >/dev/null 2>&1; }

# find_store: sets `store` to the kind that this machine has, `bundle` to the file in which programs look, and `anchors`
# to the folder for certificates of the administrator's, which CentOS 6 may have long before it is in use.
#   el6     a bundle that is a plain file, which `update-ca-trust extract` silently leaves alone
#   el      anchors, extracted by p11-kit: Enterprise Linux from 7 on, Fedora, Amazon Linux, CentOS 6 once enabled
#   suse    anchors of its own
#   debian  local certificates: Debian, Ubuntu, Alpine
find_store() {
  store=none bundle=$root/etc/docker/certs.d/$name/ca.crt anchors=''
  if [ -f "$root/etc/pki/tls/certs/ca-bundle.crt" ] && [ ! -L "$root/etc/pki/tls/certs/ca-bundle.crt" ]; then
    store=el6 bundle=$root/etc/pki/tls/certs/ca-bundle.crt
    if [ -d "$root/etc/pki/ca-trust/source/anchors" ]; then anchors=/etc/pki/ca-trust/source/anchors; fi
  elif [ -d "$root/etc/pki/ca-trust/source/anchors" ] && has update-ca-trust; then
    store=el bundle=$root/etc/pki/tls/certs/ca-bundle.crt anchors=/etc/pki/ca-trust/source/anchors
  elif [ -d "$root/etc/pki/trust/anchors" ] && has update-ca-certificates; then
    store=suse bundle=$root/etc/ssl/ca-bundle.pem anchors=/etc/pki/trust/anchors
    if [ ! -e "$bundle" ]; then bundle=$root/var/lib/ca-certificates/ca-bundle.pem; fi
  elif [ -d "$root/etc/ssl/certs" ] && has update-ca-certificates; then
    store=debian bundle=$root/etc/ssl/certs/ca-certificates.crt anchors=/usr/local/share/ca-certificates
  fi
}

# find_system: sets `system` to its name, as a person knows it.
find_system() {
  system=''
  # shellcheck disable=SC1091 # a file of the host
  if [ -f "$root/etc/os-release" ]; then system=$(. "$root/etc/os-release" && printf '%s' "${PRETTY_NAME-}") || true; fi
  if [ -z "$system" ]; then
    read_text "$root/etc/redhat-release"
    system=${text%%"$nl"*}
  fi
  if [ -z "$system" ]; then system="$(uname -s) without /etc/os-release"; fi
}

# holds FILE PEM: whether the certificate is in it, by the last whole line of its base64: part of its signature.
holds() {
  holds_rest=${2%"$nl"-----END*}
  holds_line=${holds_rest##*"$nl"}
  if [ "${#holds_line}" -lt 64 ]; then
    holds_rest=${holds_rest%"$nl"*}
    holds_line=${holds_rest##*"$nl"}
  fi
  grep -qxF -e "$holds_line" "$1" 2>/dev/null
}

# in_bundle: whether the store has taken in every CA that it is to hold.
in_bundle() {
  holds "$bundle" "$pem" && { [ -z "$next" ] || holds "$bundle" "$next"; }
}

# list_bundles: sets `bundles` to the files in which there may be lines of ours: CentOS 6's bundle, and the backups that
# its update-ca-trust keeps, and would bring back with our lines in them.
list_bundles() {
  bundles=''
  if [ "$store" = el6 ]; then bundles=$bundle; fi
  for backup in "$root"/etc/pki/backup-traditional-*/*; do
    if [ -f "$backup" ]; then bundles="$bundles $backup"; fi
  done
}

# store_put: has the store follow the anchors, once they are in place.
store_put() {
  if [ "$store" != el6 ]; then
    if ! is_due store && in_bundle; then return 0; fi
    refresh_store
  elif [ "$bundle_block" != "$begin$nl$all_pem$nl$end" ]; then
    # The whole bundle as it was, for the administrator's peace of mind. Removing takes our lines out and leaves
    # what updates have brought meanwhile.
    if [ ! -f "$record/ca-bundle.crt.before" ]; then cp -p "$bundle" "$record/ca-bundle.crt.before"; fi
    put_block "$bundle" "$all_pem"
    echo "wrote    /etc/pki/tls/certs/ca-bundle.crt: the lines of stack $stack"
  fi
  done_with store
}

# store_drop: once the anchors are gone.
store_drop() {
  list_bundles
  for store_drop_file in $bundles; do
    if has_block "$store_drop_file"; then
      drop_block "$store_drop_file"
      echo "removed  ${store_drop_file#"$root"}: the lines of stack $stack"
    fi
  done
  if [ "$store" != el6 ]; then refresh_store; fi
}

refresh_store() {
  case $store in
    debian | suse) refresh_store_by="update-ca-certificates" ;;
    el) refresh_store_by="update-ca-trust extract" ;;
    *) return 0 ;;
  esac
  if [ -n "$root" ] && [ "$store" = debian ]; then
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
