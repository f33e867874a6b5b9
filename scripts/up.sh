#!/bin/sh
# From a bare machine to a registry that is proved to work; run again, it changes only what is not as declared.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
node scripts/stack-file.mjs create "$STACK"
read_settings

if [ "$docker_host" = local ]; then
  scripts/docker-engine.sh
  docker_host=unix:///var/run/docker.sock
fi
provide_image() {
  IMAGE=$1 MODE=$image_mode REFERENCE=$2 DOCKER_HOST=$docker_host images/provide.sh >/dev/null
}
# Side by side: the first time, the registry takes a minute or two.
provide_image gateway "$gateway_image" &
gateway=$!
provide_image registry "$registry_image"
wait "$gateway"

ensure_stack
./pulumiw up --stack "$STACK" --yes --refresh --suppress-outputs
PULUMIW_QUIET=1 ./pulumiw stack output --stack "$STACK" --json --show-secrets | node scripts/after-up.mjs "$STACK" "$docker_host"
