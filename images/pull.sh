#!/bin/sh
# Pulls REFERENCE onto the engine at DOCKER_HOST, but waits only ANSWER_SECONDS (10) for its registry to answer
# and PULL_SECONDS (900) for the whole. On failure: one line on stdout says why. Exit codes: 0 pulled,
# 2 the registry cannot be reached, 1 anything else (no such image, not allowed, disk full).
set -eu
answer=${ANSWER_SECONDS:-10}
whole=${PULL_SECONDS:-900}
output=$(mktemp "${TMPDIR:-/tmp}/private-registry-pull.XXXXXX")
pull=
# shellcheck disable=SC2317 # called by the trap
stop() {
  if [ -n "$pull" ]; then kill "$pull" 2>/dev/null || true; fi
  rm -f "$output"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

docker pull "$REFERENCE" >"$output" 2>&1 </dev/null &
pull=$!
started=$(date +%s)
while kill -0 "$pull" 2>/dev/null; do
  passed=$(($(date +%s) - started))
  # "Pulling from library/registry" is printed once the registry has answered with the manifest.
  if [ "$passed" -ge "$answer" ] && ! grep -q 'Pulling from' "$output"; then
    echo "no answer within $answer seconds"
    exit 2
  fi
  if [ "$passed" -ge "$whole" ]; then
    echo "not done within $whole seconds"
    exit 1
  fi
  sleep 0.1
done
if wait "$pull"; then
  pull=
  exit 0
fi
pull=
tail -n 1 "$output"
if grep -qiE 'dial tcp|no such host|i/o timeout|network is unreachable|connection (refused|reset)|context deadline|TLS handshake timeout|Client\.Timeout|proxyconnect|temporary failure' "$output"; then
  exit 2
fi
exit 1
