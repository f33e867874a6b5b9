# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # content is read by put_file; root, name, stack, pem, next, containers and the like are the caller's
# Every place that has to know the CA. A place is a file; wanted_files names them, content_of what they hold.

# registry_names: what people type before the repository. 443 may be left out.
registry_names() {
  echo "$name"
  case $name in *:443) echo "${name%:443}" ;; *) ;; esac
}

has_containerd() { has containerd || [ -d "$root/etc/containerd" ]; }

# podman and skopeo use the first folder of the registry's name that exists, in /etc/containers/certs.d or else in
# Docker's. With containers=shadow the former is written only where it exists and would hide the latter.
wanted_files() {
  for wanted_name in $(registry_names); do
    echo "/etc/docker/certs.d/$wanted_name/ca.crt"
    if [ "$containers" = yes ] || [ -d "$root/etc/containers/certs.d/$wanted_name" ]; then
      echo "/etc/containers/certs.d/$wanted_name/ca.crt"
    fi
    if [ "$containerd" = yes ] && has_containerd; then
      echo "/etc/containerd/certs.d/$wanted_name/ca.crt"
      echo "/etc/containerd/certs.d/$wanted_name/hosts.toml"
    fi
  done
  wanted_anchors=$(anchors)
  if [ -n "$wanted_anchors" ]; then
    echo "$wanted_anchors/private-registry-$stack.crt"
    if [ -n "$next" ]; then echo "$wanted_anchors/private-registry-$stack-next.crt"; fi
  fi
  if [ -n "$proxy" ] && [ -d "$root/run/systemd/system" ]; then echo "$proxy_file"; fi
}

# Anchors hold one certificate each, for Debian's tool takes no more.
content_of() {
  case $1 in
    */hosts.toml) containerd_hosts "$(basename "$(dirname "$1")")" ;;
    */private-registry-"$stack"-next.crt) printf '%s' "$next" ;;
    */private-registry-"$stack".crt) printf '%s' "$pem" ;;
    "$proxy_file") proxy_unit ;;
    *) printf '%s' "$all_pem" ;;
  esac
}

containerd_hosts() {
  cat <<TOML
server = "https://$1"

[host."https://$1"]
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
  wanted_files >"$record/wanted.new"
  while read -r place; do
    content=$(content_of "$place")
    put_file "$place"
  done <"$record/wanted.new"
  rm -f "$record/wanted.new"
}

# drop_other_places: what we have put where it is no longer wanted.
drop_other_places() {
  wanted_files >"$record/wanted.new"
  recorded_files | grep -vxF -f "$record/wanted.new" >"$record/unwanted.new" || true
  while read -r place; do undo_file "$place"; done <"$record/unwanted.new"
  rm -f "$record/wanted.new" "$record/unwanted.new"
}

# undo_all: everything as it was before us.
undo_all() {
  mkdir -p "$record"
  recorded_files >"$record/undo"
  while read -r place; do undo_file "$place"; done <"$record/undo"
  drop_hosts
  store_drop
}

# absent_places: what ought to be there and is not, or is there without the CA: "missing" or "changed", tab, what.
absent_places() {
  for place in $(wanted_files); do
    if [ ! -f "$root$place" ]; then
      printf 'missing\t%s\n' "$place"
    elif [ "$(content_of "$place")" != "$(cat "$root$place")" ] && ! keeps "$place"; then
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
    *) return 1 ;;
  esac
}
