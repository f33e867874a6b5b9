#!/bin/sh
# All tests, on a machine that has nothing but package registries: what they need is installed or started, and
# stopped again. Ends with a plain line: N passed, N failed, N skipped.
#   test/run.sh [PROJECT…]   engine, unit, rendered, integration; default: all
set -eu
cd -- "$(dirname -- "$0")/.."

# Programs the tests call as users would. Without one of them its tests are skipped, by name and with the reason.
missing=
for tool in curl openssl podman shellcheck skopeo mmdebstrap; do
  command -v "$tool" >/dev/null || missing="$missing $tool"
done
command -v ssh-agent >/dev/null || missing="$missing openssh-client"
[ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests:$missing"
  # shellcheck disable=SC2086 # a list of packages
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null
fi

started=
docker info >/dev/null 2>&1 || started=yes
# shellcheck disable=SC2317 # called by the trap
stop_docker() {
  if [ -n "$started" ]; then scripts/docker-engine.sh stop; fi
}
trap stop_docker EXIT
scripts/docker-engine.sh
for image in registry gateway; do IMAGE=$image images/provide.sh >/dev/null; done

report=$(mktemp)
projects=
for project in "$@"; do projects="$projects --project $project"; done
code=0
# shellcheck disable=SC2086 # a list of options
npx vitest run $projects --reporter=default --reporter=json --outputFile.json="$report" || code=$?
node test/summary.mjs "$report" || code=1
rm -f "$report"
exit "$code"
