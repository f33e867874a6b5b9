#!/bin/sh
# What `make up` would change: nothing on the Docker host is touched.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
ensure_settings
read_settings
ensure_stack
exec ./pulumiw preview --stack "$STACK" --refresh --suppress-outputs
