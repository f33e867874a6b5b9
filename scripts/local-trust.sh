#!/bin/sh
# Makes this machine able to use a stack's registry as it is printed: its name resolves, and Docker, podman,
# skopeo and the system's own store trust its CA. `remove` takes back exactly what `install` did.
#
#   local-trust.sh install|remove|status
#
#   STACK      name of the stack; in markers and file names
#   HOSTNAME_  PORT   what clients type; install only (remove and status have them from the record)
#   ADDRESS    IP address for /etc/hosts; empty: the name is not put there
#   stdin      CA certificate, PEM; install only
#   ROOT_DIR   put before every path; for tests
#   PROVE      0: without the TLS handshake at the end
#
# Prints changes only. Exit codes: 0 done, 1 failed, 2 wrong use, 3 root is needed, 4 done but a client that
# uses the system's store is still refused.
set -eu
umask 022
root=${ROOT_DIR-}
stack=${STACK-}
record=$root/var/lib/private-registry/local-trust-$stack
folders=$root/var/lib/private-registry/local-trust.folders
hosts=$root/etc/hosts
here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/local-trust-parts.sh
. "$here/local-trust-parts.sh"

check_input() {
  takes STACK "$stack" 'A-Za-z0-9._-' "a stack's name such as dev"
  [ "$verb" = install ] || return 0
  takes HOSTNAME_ "${HOSTNAME_-}" 'A-Za-z0-9.-' "the name clients use, such as registry.example.com"
  takes PORT "${PORT-}" '0-9' "the port clients use, such as 8000"
  if [ -n "${ADDRESS-}" ]; then takes ADDRESS "$ADDRESS" '0-9A-Fa-f.:' "an IP address, or nothing"; fi
  name=$HOSTNAME_:$PORT address=${ADDRESS-}
  pem=$(cat)
  case $pem in
    *'PRIVATE KEY'*) refuse "stdin has a private key; it takes the CA's certificate only" ;;
    *'-----BEGIN CERTIFICATE-----'*'-----END CERTIFICATE-----'*) ;;
    *) refuse "stdin has no certificate; it takes the CA's certificate in PEM form" ;;
  esac
}

# What is to be there. podman and skopeo use the first folder of the registry's name that exists, in
# /etc/containers/certs.d or else in Docker's: the former is needed only where it exists and would hide Docker's.
wanted_files() {
  echo "/etc/docker/certs.d/$name/ca.crt"
  if [ -d "$root/etc/containers/certs.d/$name" ]; then echo "/etc/containers/certs.d/$name/ca.crt"; fi
  case $(store) in
    debian) echo "/usr/local/share/ca-certificates/private-registry-$stack.crt" ;;
    el) echo "/etc/pki/ca-trust/source/anchors/private-registry-$stack.crt" ;;
    *) ;;
  esac
}

install_all() {
  if up_to_date; then return 0; fi
  need_root "install" "with the CA certificate on stdin: ./pulumiw stack output caCertificate --stack $stack |"
  if [ "$(store)" = none ]; then
    say "this system's store of certificates is not one this knows (Debian's, Enterprise Linux's): left alone." \
      "Docker, podman and skopeo will trust the registry; curl and others need the CA certificate by hand"
  fi
  mkdir -p "$record"
  wanted_files >"$record/wanted.new"
  if [ -f "$record/files" ]; then
    cut -f 2 "$record/files" | grep -vxF -f "$record/wanted.new" | while read -r path; do undo_file "$path"; done
  fi
  # Before the change, so that whatever happens, remove knows.
  printf '%s\n' "$name" >"$record/name"
  printf '%s\n' "$address" >"$record/address"
  while read -r path; do put_file "$path"; done <"$record/wanted.new"
  rm -f "$record/wanted.new"
  put_hosts
  refresh_store
  remove_folders
}

remove_all() {
  if [ ! -d "$record" ] && ! has_block; then return 0; fi
  need_root "remove" ""
  if [ -f "$record/files" ]; then
    cut -f 2 "$record/files" | while read -r path; do undo_file "$path"; done
  fi
  drop_block
  refresh_store
  remove_folders
  rm -rf "$record"
  rmdir "$root/var/lib/private-registry" 2>/dev/null || true
}

status() {
  if [ ! -d "$record" ]; then
    echo "nothing of stack $stack is installed on this machine"
    return 1
  fi
  bad=0
  while IFS='	' read -r sum path; do
    if [ ! -f "$root$path" ]; then
      echo "missing  $path" && bad=1
    elif [ "$(digest "$root$path")" != "$sum" ]; then
      echo "changed  $path" && bad=1
    else
      echo "present  $path"
    fi
  done <"$record/files"
  if [ -z "$address" ]; then return "$bad"; fi
  if has_block; then echo "present  /etc/hosts: $address ${name%:*}"; else echo "missing  /etc/hosts: $address ${name%:*}" && bad=1; fi
  return "$bad"
}

verb=${1-}
name='' address='' pem=''
case $verb in
  install | remove | status) check_input ;;
  *) refuse "\"$verb\" is not a command; it takes: install, remove, status" ;;
esac
# On a folder that is there anyhow: nothing is left behind, and readers need no right to write.
exec 9<"$root/etc"
if command -v flock >/dev/null; then flock 9; fi
if [ "$verb" != install ] && [ -f "$record/name" ]; then
  name=$(cat "$record/name") address=$(cat "$record/address")
fi
case $verb in
  install)
    # Not joined by &&, under which set -e sleeps.
    install_all
    prove
    ;;
  remove) remove_all ;;
  status)
    status || exit 1
    prove
    ;;
esac
