# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # sets variables for, and uses those of, the script that sources it
# Sourced by find.sh and provide.sh: reads and checks the inputs, names the images, looks for them.
# In: IMAGE, MODE, REFERENCE, DOCKER_HOST (environment) and `here`, the folder of the recipes.
# Sets: image, mode, reference, built (the tag a build makes here), candidates (what would do, best first).

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

image=${IMAGE-}
mode=${MODE:-auto}
reference=${REFERENCE-}

# shellcheck source=images/references.env
. "$here/references.env"
case $image in
  registry) : "${reference:=$registry_reference}" ;;
  gateway) : "${reference:=$gateway_reference}" ;;
  *) fail "IMAGE is \"$image\"; it takes: registry, gateway" ;;
esac

# Everything that decides what comes out of a build decides the tag, so a changed recipe is a new image.
recipe=$(cat "$here/$image.sh" "$here/debian.sh" "$here/archive.sh" | sha256sum | cut -c 1-12)
version=$(sed -n 's/^recipe_version=//p' "$here/$image.sh")
built=private-registry/$image:$version-$recipe

case $mode in
  auto) candidates="$reference $built" ;;
  pull) candidates=$reference ;;
  build) candidates=$built ;;
  *) fail "MODE is \"$mode\"; it takes: auto, pull, build" ;;
esac
case $reference in
  -* | *[!A-Za-z0-9._/:@-]*) fail "REFERENCE is \"$reference\"; it takes an image reference such as $registry_reference" ;;
esac

# find_image REFERENCE…: prints the id of the first one the engine has, or nothing. Fails when the engine fails.
find_image() {
  # One call for all of them: a start of the docker client is most of the time this takes.
  if found=$(docker image inspect --format '{{.Id}}' "$@" 2>&1); then
    printf '%s\n' "$found" | head -n 1
    return 0
  fi
  if ! command -v docker >/dev/null; then
    fail "there is no docker command on this machine; install it (Debian: apt-get install docker.io)"
  fi
  other=$(printf '%s\n' "$found" | grep -vi -e '^sha256:' -e 'no such image' -e '^\[\]$' -e '^$' || true)
  if [ -n "$other" ]; then
    fail "the Docker engine at ${DOCKER_HOST:-the default address} did not answer as expected: $other"
  fi
  printf '%s\n' "$found" | grep -m 1 '^sha256:' || true
}
