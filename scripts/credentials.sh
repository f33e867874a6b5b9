#!/bin/sh
# Users and their passwords, for whoever has the passphrase.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
PULUMIW_QUIET=1 ./pulumiw stack output credentials --stack "$STACK" --show-secrets --json
