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
# uses the system's store is still refused, 6 somebody has edited our lines so that nobody can tell which they are.
#
# The work is done by the same parts that run on other hosts (components/trust/host). What differs: a system whose
# store is not known is no fault here, and a machine that has no folder of podman's gets none.
# shellcheck disable=SC2034,SC2154 # what the parts read, and what they set
set -eu
umask 022
root=${ROOT_DIR-}
stack=${STACK-}
program=local-trust.sh
records=$root/var/lib/private-registry
# Where this machine is among the stack's hosts, what is on it is theirs to change: here it is only looked at.
host_record=$records/$stack
folders=$records/folders
here=$(cd -- "$(dirname -- "$0")" && pwd)
name='' address='' pem='' next='' all_pem='' proxy='' login_user='' proxy_file=''
containers=shadow containerd=no
parts=$here/../components/trust/host
# shellcheck source=components/trust/host/record.sh
. "$parts/record.sh"
# shellcheck source=components/trust/host/files.sh
. "$parts/files.sh"
# shellcheck source=components/trust/host/block.sh
. "$parts/block.sh"
# shellcheck source=components/trust/host/store.sh
. "$parts/store.sh"
# shellcheck source=components/trust/host/places.sh
. "$parts/places.sh"
# shellcheck source=components/trust/host/prove.sh
. "$parts/prove.sh"

# takes NAME VALUE CHARACTERS WHAT: refuses a value that is empty or has other characters.
takes() {
  case $2 in
    '' | -* | *[!$3]*) refuse "$1 is \"$2\"; it takes $4" ;;
  esac
}

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
  all_pem=$pem
}

need_root() {
  if [ -n "$root" ] || [ "$(id -u)" = 0 ]; then return 0; fi
  say "the registry is not concerned, but only root can $1 this machine's trust in it. As root, $2"
  printf '  sudo env STACK=%s HOSTNAME_=%s PORT=%s ADDRESS=%s sh %s %s\n' "$stack" "${name%:*}" "${name##*:}" \
    "$address" "$here/local-trust.sh" "$1" >&2
  exit 3
}

up_to_date() {
  read_value name
  [ "$value" = "$name" ] || return 1
  read_value address
  [ "$value" = "$address" ] || return 1
  for place in $wanted; do
    read_text "$root$place"
    [ "$text" = "$pem$nl" ] || return 1
  done
  ! is_due store && in_bundle && hosts_line_is_right
}

install_all() {
  if [ "$record" = "$host_record" ]; then return 0; fi
  require_whole
  if up_to_date; then return 0; fi
  need_root "install" "with the CA certificate on stdin: ./pulumiw stack output caCertificate --stack $stack |"
  if [ "$store" = none ]; then
    say "this system's store of certificates is not one this knows (Debian's, Enterprise Linux's): left alone." \
      "Docker, podman and skopeo will trust the registry; curl and others need the CA certificate by hand"
  fi
  mkdir -p "$record"
  # Before the change, so that whatever happens, remove knows.
  printf '%s\n' "$name" >"$record/name"
  printf '%s\n' "$address" >"$record/address"
  put_places
  drop_other_places
  put_hosts
  store_put
}

remove_all() {
  if [ "$record" = "$host_record" ]; then return 0; fi
  if [ ! -d "$record" ] && ! has_block "$root/etc/hosts"; then return 0; fi
  need_root "remove" ""
  require_whole
  undo_all
  remove_record
}

status() {
  if [ ! -d "$record" ]; then
    echo "nothing of stack $stack is installed on this machine"
    return 1
  fi
  bad=0
  list_recorded
  for path in $recorded; do
    digest "$root$path"
    if [ -z "$sum" ]; then
      echo "missing  $path" && bad=1
    elif ! is_ours "$path" "$sum"; then
      echo "changed  $path" && bad=1
    else
      echo "present  $path"
    fi
  done
  if [ -z "$address" ]; then return "$bad"; fi
  if has_block "$root/etc/hosts"; then
    echo "present  /etc/hosts: $address ${name%:*}"
  else
    echo "missing  /etc/hosts: $address ${name%:*}" && bad=1
  fi
  return "$bad"
}

verb=${1-}
case $verb in
  install | remove | status) check_input ;;
  *) refuse "\"$verb\" is not a command; it takes: install, remove, status" ;;
esac
lock
find_local
record=$local_record
if [ -d "$host_record" ] && ! is_local "$host_record"; then record=$host_record; fi
if [ "$verb" != install ]; then
  read_value name
  name=$value
  read_value address
  address=$value
fi
find_store
list_places
case $verb in
  install)
    # Not joined by &&, under which set -e sleeps.
    install_all
    if [ "${PROVE-}" != 0 ]; then prove; fi
    ;;
  remove) remove_all ;;
  status)
    status || exit 1
    if [ "${PROVE-}" != 0 ]; then prove; fi
    ;;
esac
