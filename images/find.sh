#!/bin/sh
# Prints the id of the image that provide.sh would use without pulling or building, or an empty line.
# Changes nothing. Inputs as for provide.sh.
set -eu
here=$(dirname -- "$0")
# shellcheck source=images/names.sh
. "$here/names.sh"
# shellcheck disable=SC2086 # a list of references, which have no spaces
id=$(find_image $candidates)
printf '%s\n' "$id"
