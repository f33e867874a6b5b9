#!/bin/sh
# Asks every host of the stack, all at once, to prove its trust in the registry anew. Changes nothing.
# Ends with a table; exit code 1 when a host does not trust the registry.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
[ -f "Pulumi.$STACK.yaml" ] || fail "there is no stack $STACK (no Pulumi.$STACK.yaml)"
export PULUMIW_QUIET=1
# Settings and outputs go by the pipe alone: the private key is among them.
{
  ./pulumiw config --stack "$STACK" --json --show-secrets
  echo ---
  ./pulumiw stack output --stack "$STACK" --json
} | node --import tsx scripts/verify-hosts.ts "$STACK"
