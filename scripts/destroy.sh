#!/bin/sh
# Takes the stack's registry down. The images stay where they are: PURGE=1 removes them, after asking.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
[ -f "Pulumi.$STACK.yaml" ] || fail "there is no stack $STACK (no Pulumi.$STACK.yaml)"
read_settings

# On a terminal Pulumi asks; without one, `make destroy` itself is the answer. It previews first in both cases:
# what is protected stops it before anything is gone.
if [ -t 0 ] && [ -t 1 ]; then yes=; else yes=--yes; fi
# shellcheck disable=SC2086 # an option or nothing
./pulumiw destroy --stack "$STACK" --refresh $yes

if [ "$docker_host" = local ]; then scripts/local-trust.sh remove; fi

data=$(node --import tsx scripts/data-path.ts "$STACK")
if [ "${PURGE:-}" != 1 ]; then
  echo "The images are still in $data; \`make destroy PURGE=1\` removes them."
  exit 0
fi
if [ "$docker_host" != local ]; then fail "PURGE removes images of this machine only; on $docker_host remove $data yourself"; fi
[ -d "$data" ] || exit 0
printf 'Type "%s" to remove all images of the stack %s in %s: ' "$STACK" "$STACK" "$data"
read -r answer || answer=
if [ "$answer" != "$STACK" ]; then fail "not removed: the answer was \"$answer\""; fi
rm -rf -- "${data:?}/docker"
echo "Removed the images in $data"
