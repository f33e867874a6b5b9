#!/bin/sh
# Makes sure that a Docker engine answers. Where one does: prints nothing, changes nothing.
# Otherwise, as root on Debian or Ubuntu: installs the distribution's docker.io and starts it, with systemd, with
# its init script, or by hand. Anywhere else: says what to do and fails.
#
#   docker-engine.sh [--dry-run]    --dry-run prints the steps it would take, one a line, and takes none
#   docker-engine.sh stop           stops the engine if this script started it; for tests, which leave no trace
#
#   DOCKER_HOST    an engine elsewhere is only asked, never installed
#   START_SECONDS  how long to wait for an engine that was started (60)
#   ROOT_DIR       put before /etc, /run and /var; for tests
set -eu
root=${ROOT_DIR-}
log=$root/var/log/private-registry-dockerd.log
pid_file=$root/run/docker.pid
wait_seconds=${START_SECONDS:-60}
started_by=$root/run/private-registry-dockerd
dry='' verb=start
case ${1-} in
  '') ;;
  stop) verb=stop ;;
  --dry-run) dry=1 ;;
  *)
    echo "docker-engine.sh: unknown argument \"$1\"; it takes: --dry-run, stop" >&2
    exit 2
    ;;
esac

say() { printf 'docker-engine.sh: %s\n' "$*" >&2; }

# advise PROBLEM LINE…: what is wrong, then what to do about it.
advise() {
  say "$1"
  shift
  printf '  %s\n' "$@" >&2
  exit 1
}

# step COMMAND…: runs it with its output on stderr, or says that it would.
step() {
  if [ -n "$dry" ]; then
    printf '%s\n' "$*"
  else
    say "$*"
    "$@" >&2
  fi
}

# A client that cannot reach its engine still prints about itself, in some versions with exit code 0.
answers() {
  version=$(docker info --format '{{.ServerVersion}}' 2>/dev/null) && [ -n "$version" ]
}

wait_for_answer() {
  waited=0
  until answers; do
    if [ "$waited" -ge "$1" ]; then return 1; fi
    sleep 1
    waited=$((waited + 1))
  done
}

# os KEY: a value of os-release.
os() {
  # shellcheck disable=SC1091
  (. "$root/etc/os-release" 2>/dev/null && eval "printf '%s' \"\${$1-}\"") || true
}

has() { command -v "$1" >/dev/null 2>&1; }

# How the engine was started lies in a file, so that stop ends nothing that was not started here.
if [ "$verb" = stop ]; then
  if [ ! -f "$started_by" ]; then exit 0; fi
  how=$(cat "$started_by")
  rm -f "$started_by"
  case $how in
    systemctl) step systemctl stop docker.service docker.socket ;;
    service) step service docker stop ;;
    *) if kill "$how" 2>/dev/null; then say "stopped dockerd (process $how)"; fi ;;
  esac
  exit 0
fi

if has docker && answers; then exit 0; fi
problem="no docker command on this machine"
if has docker; then problem=$(docker info --format '{{.ServerVersion}}' 2>&1 | grep . | tail -n 1 || true); fi

case ${DOCKER_HOST-} in
  '' | unix:///var/run/docker.sock | unix:///run/docker.sock) ;;
  *)
    advise "the Docker engine at DOCKER_HOST=$DOCKER_HOST does not answer: $problem" \
      "Check that Docker runs there and that this user may use it; for ssh:// that" \
      "  ssh HOST docker info" \
      "works without a password. Without DOCKER_HOST the engine of this machine is used."
    ;;
esac

if [ "$(id -u)" != 0 ]; then
  case $problem in
    *"permission denied"*)
      advise "Docker runs here, but the user $(id -un) may not use it: $problem" \
        "Either add the user to Docker's group (which is as good as root) and log in anew:" \
        "  sudo usermod --append --groups docker $(id -un)" \
        "or run this as root: sudo make up"
      ;;
  esac
  advise "no Docker engine answers here, and only root can install or start one: $problem" \
    "  sudo sh $0"
fi

if ! has dockerd || ! has docker; then
  family=" $(os ID) $(os ID_LIKE) "
  case $family in
    *" debian "* | *" ubuntu "*) ;;
    *" fedora "* | *" rhel "* | *" centos "*)
      advise "no Docker engine here, and this installs one only on Debian and Ubuntu; this is $(os PRETTY_NAME)" \
        "Fedora:            dnf install moby-engine && systemctl enable --now docker" \
        "Enterprise Linux:  dnf install docker-ce (from Docker's own repository) && systemctl enable --now docker"
      ;;
    *)
      advise "no Docker engine here, and this installs one only on Debian and Ubuntu; this is $(os PRETTY_NAME)" \
        "Install Docker Engine 20.10 or later and start it, so that \`docker info\` answers."
      ;;
  esac
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-cache policy docker.io 2>/dev/null | grep -q 'Candidate: [^(]'; then
    step apt-get -q -o Acquire::Retries=2 update || true
  fi
  # From Debian 13 on, the client is a package of its own.
  client=
  if apt-cache policy docker-cli 2>/dev/null | grep -q 'Candidate: [^(]'; then client=docker-cli; fi
  install="apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends docker.io iptables ca-certificates $client"
  # shellcheck disable=SC2086
  step $install || {
    # Lists that are there may be too old to download from.
    step apt-get -q -o Acquire::Retries=2 update || true
    # shellcheck disable=SC2086
    step $install
  } || advise "docker.io could not be installed: see above" "apt-get update && apt-get install docker.io"
fi

# By hand: with neither systemd nor a working init script, as in most containers.
start_by_hand() {
  if [ -n "$dry" ]; then
    echo "setsid nohup dockerd --pidfile $pid_file >>$log"
    return 0
  fi
  if [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; then
    say "dockerd runs already (process $(cat "$pid_file")); waiting for its answer"
    return 0
  fi
  say "starting dockerd, without an init system; its log: $log"
  # The shell in between becomes dockerd, so that its own process id is the one to keep.
  # shellcheck disable=SC2016
  setsid nohup sh -c 'echo "$$" >"$0" && exec dockerd --pidfile "$1"' "$started_by" "$pid_file" \
    </dev/null >>"$log" 2>&1 &
}

if [ -d "$root/run/systemd/system" ] && has systemctl; then
  if [ -z "$dry" ]; then echo systemctl >"$started_by"; fi
  step systemctl enable --now docker || true
  where="journalctl --unit docker --lines 20 --no-pager"
elif [ -x "$root/etc/init.d/docker" ] && has service && step service docker start &&
  { [ -n "$dry" ] || wait_for_answer 15; }; then
  if [ -z "$dry" ]; then echo service >"$started_by"; fi
  exit 0
else
  start_by_hand
  where="tail -n 20 $log"
fi
if [ -n "$dry" ]; then exit 0; fi

if ! wait_for_answer "$wait_seconds"; then
  say "the Docker engine was started but did not answer within $wait_seconds seconds; the end of its log ($where):"
  $where >&2 || true
  exit 1
fi
say "Docker Engine $version answers"
