#!/bin/sh
# Fails when a host has failed.
#   FAILED   "HOST: REASON" of each, a line each
#   COUNT    how many hosts there are
#   WITHOUT  what that means for the rest
set -eu
if [ -z "$FAILED" ]; then exit 0; fi
failed=$(printf '%s\n' "$FAILED" | wc -l | tr -d ' ')
printf '%s of %s hosts failed; the others are done:\n' "$failed" "$COUNT" >&2
printf '%s\n' "$FAILED" | sed 's/^/  - /' >&2
# shellcheck disable=SC2016 # a command for a person
printf '%s. Run `make up` again when they can be reached; it tries only these.\n' "$WITHOUT" >&2
exit 1
