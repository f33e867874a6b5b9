#!/bin/sh
# Fails when a host has failed.
#   FAILED  "HOST: REASON" of each, a line each
#   COUNT   how many hosts there are
set -eu
if [ -z "$FAILED" ]; then exit 0; fi
failed=$(printf '%s\n' "$FAILED" | wc -l | tr -d ' ')
printf '%s of %s hosts failed; the others are done:\n' "$failed" "$COUNT" >&2
printf '%s\n' "$FAILED" | sed 's/^/  - /' >&2
# shellcheck disable=SC2016 # a command for a person
printf 'A host counts as trusting only when it has proved it. `make up` tries again, and only these.\n' >&2
exit 1
