# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # content is read by put_file; root, name, stack, pem, next, anchors and the like are the caller's
# Every place that has to know the CA. A place is a file; list_places says which, content_of what they hold.

has_containerd() { has containerd || [ -d "$root/etc/containerd" ]; }

# list_places: sets `wanted` to them, by what people type before the repository: 443 may be left out. podman and skopeo
# use the first folder of the registry's name that exists, in /etc/containers/certs.d or else in Docker's. With
# containers=shadow the former is written only where it exists and would hide the latter.
list_places() {
  wanted=''
  case $name in
    *:443) set -- "$name" "${name%:443}" ;;
    *) set -- "$name" ;;
  esac
  for wanted_name in "$@"; do
    wanted="$wanted /etc/docker/certs.d/$wanted_name/ca.crt"
    if [ "$containers" = yes ] || [ -d "$root/etc/containers/certs.d/$wanted_name" ]; then
      wanted="$wanted /etc/containers/certs.d/$wanted_name/ca.crt"
    fi
    if [ "$containerd" = yes ] && has_containerd; then
      wanted="$wanted /etc/containerd/certs.d/$wanted_name/ca.crt /etc/containerd/certs.d/$wanted_name/hosts.toml"
    fi
  done
  if [ -n "$anchors" ]; then
    wanted="$wanted $anchors/private-registry-$stack.crt"
    if [ -n "$next" ]; then wanted="$wanted $anchors/private-registry-$stack-next.crt"; fi
  fi
  if [ -n "$proxy" ] && [ -d "$root/run/systemd/system" ]; then wanted="$wanted $proxy_file"; fi
  wanted=${wanted# }
}

# content_of PATH: sets `content`. Anchors hold one certificate each, for Debian's tool takes no more.
content_of() {
  case $1 in
    */hosts.toml) content=$(containerd_hosts "$1") ;;
    */private-registry-"$stack"-next.crt) content=$next ;;
    */private-registry-"$stack".crt) content=$pem ;;
    "$proxy_file") content=$(proxy_unit) ;;
    *) content=$all_pem ;;
  esac
}

containerd_hosts() {
  containerd_folder=${1%/*}
  containerd_server=https://${containerd_folder##*/}
  cat <<TOML
server = "$containerd_server"

[host."$containerd_server"]
  capabilities = ["pull", "resolve", "push"]
  ca = "ca.crt"
TOML
}

# proxy_unit: both spellings, for programs differ in which one they read. $proxy and $no_proxy are checked text.
proxy_unit() {
  cat <<UNIT
[Service]
Environment="HTTP_PROXY=$proxy" "http_proxy=$proxy"
Environment="HTTPS_PROXY=$proxy" "https_proxy=$proxy"
Environment="NO_PROXY=$no_proxy" "no_proxy=$no_proxy"
UNIT
}

put_places() {
  for place in $wanted; do
    content_of "$place"
    put_file "$place"
  done
}

# drop_other_places: what we have put where it is no longer wanted, and the folders that it leaves empty: podman would
# look into them.
drop_other_places() {
  list_recorded
  for place in $recorded; do
    case " $wanted " in
      *" $place "*) ;;
      *)
        set_due folders
        undo_file "$place"
        ;;
    esac
  done
  if is_due folders; then
    remove_folders
    done_with folders
  fi
}

# undo_all: everything as it was before us.
undo_all() {
  mkdir -p "$record"
  list_recorded
  for place in $recorded; do undo_file "$place"; done
  drop_hosts
  store_drop
}

# absent_places: what ought to be there and is not, or is there without the CA: "missing" or "changed", tab, what.
absent_places() {
  for place in $wanted; do
    content_of "$place"
    read_text "$root$place"
    if [ ! -f "$root$place" ]; then
      printf 'missing\t%s\n' "$place"
    elif [ "$text" != "$content$nl" ] && ! keeps "$place"; then
      printf 'changed\t%s\n' "$place"
    fi
  done
}

# keeps PATH: whether a file that somebody has changed still does what it is there for.
keeps() {
  case $1 in
    */private-registry-"$stack"-next.crt) holds "$root$1" "$next" ;;
    */private-registry-"$stack".crt) holds "$root$1" "$pem" ;;
    *.crt) holds "$root$1" "$pem" && { [ -z "$next" ] || holds "$root$1" "$next"; } ;;
    */hosts.toml) grep -qF 'ca.crt' "$root$1" ;;
    *) [ "$(cat "$root$1")" = "$content" ] ;;
  esac
}
