#!/bin/sh
# From a bare machine to a registry that is proved to work; run again, it changes only what is not as declared.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
ensure_settings
read_settings

export DOCKER_HOST="$docker_host" MODE="$image_mode"
scripts/docker-engine.sh
# Side by side: the first time, the registry takes a minute or two. In a session of its own the other one can be ended
# with all that it has started.
IMAGE=gateway REFERENCE=$gateway_image setsid images/provide.sh >/dev/null &
gateway=$!
trap 'kill -- "-$gateway" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
code=0
IMAGE=registry REFERENCE=$registry_image images/provide.sh >/dev/null || code=1
wait "$gateway" || code=1
trap - EXIT INT TERM HUP
if [ "$code" != 0 ]; then exit 1; fi

ensure_stack
# A folder in the checkout is its user's; Docker would make it root's. Where that fails, the program says why.
case $data_path in "$PWD"/*) mkdir -p -- "$data_path" 2>/dev/null || true ;; esac
code=0
./pulumiw up --stack "$STACK" --yes --refresh --suppress-outputs || code=$?
if [ "$code" -ge 128 ]; then exit "$code"; fi
# Where it was hosts that failed, the registry itself is up.
PULUMIW_QUIET=1 ./pulumiw stack output --stack "$STACK" --json --show-secrets |
  node --import tsx scripts/after-up.mjs "$STACK" "$code"
exit "$code"
