#!/bin/sh
# Makes sure that an image is on a Docker engine and prints its id (sha256:…) on stdout; all else is stderr.
#
#   IMAGE        registry | gateway
#   MODE         auto (default): there already, else pulled, else built; pull; build
#   REFERENCE    what to pull; default: references.env
#   DOCKER_HOST  the engine, as docker takes it (ssh:// too); default: the local one
#   FRESH        1: build anew, with today's packages, whatever is there or in the cache
#   XDG_CACHE_HOME  built archives are kept in its folder private-registry (default ~/.cache)
#
# Runs at the same time are safe: the second waits for the first and finds its image.
set -eu
umask 022
here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=images/names.sh
. "$here/names.sh"
if [ "${FRESH-}" = 1 ]; then mode=build; fi
where=${DOCKER_HOST:+ at $DOCKER_HOST}

finish() {
  printf '%s\n' "$1"
  exit 0
}

if [ "${FRESH-}" != 1 ]; then
  # shellcheck disable=SC2086 # a list of references, which have no spaces
  id=$(find_image $candidates)
  if [ -n "$id" ]; then finish "$id"; fi
fi

tried="  present: not there: $(printf '%s' "$candidates" | sed 's/ / nor /g')"
note() {
  tried="$tried
  $1"
}

if [ "$mode" != build ]; then
  say "pulling $reference"
  code=0
  why=$(REFERENCE=$reference "$here/pull.sh") || code=$?
  if [ "$code" = 0 ]; then
    id=$(find_image "$reference")
    if [ -n "$id" ]; then finish "$id"; fi
    why="pulled, but not there afterwards"
  fi
  if [ "$code" -gt 2 ]; then exit "$code"; fi
  if [ "$code" = 2 ]; then note "pull: its registry cannot be reached: $why"; else note "pull: $why"; fi
  if [ "$mode" = auto ]; then say "not pulled ($why); building instead"; fi
fi

# build_image: sets id, or notes why not.
build_image() {
  if [ "$mode" = pull ]; then
    note "build: not tried, because the mode is pull"
    return 1
  fi
  for tool in flock tar sha256sum mktemp; do
    if ! command -v "$tool" >/dev/null || { [ "$tool" = tar ] && ! tar --version | grep -q GNU; }; then
      note "build: needs Debian or Ubuntu; this is $(uname -s) (no GNU $tool)"
      return 1
    fi
  done
  cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/private-registry
  mkdir -p "$cache"
  exec 9>"$cache/$image.lock"
  if ! flock -n 9; then
    say "another run is building the $image image; waiting for it"
    flock 9
    id=$(find_image "$built")
    if [ -n "$id" ] && [ "${FRESH-}" != 1 ]; then return 0; fi
  fi

  arch=$(docker version --format '{{.Server.Arch}}')
  archive=$cache/$image-$version-$recipe-$arch.tar
  if [ ! -f "$archive" ] || [ "${FRESH-}" = 1 ]; then
    say "building $built for $arch"
    log=$cache/$image.log
    # A pipe's exit code is its last part's, so the build's goes through a file.
    {
      code=0
      IMAGE=$image ARCH=$arch CACHE=$cache OUT=$archive "$here/build.sh" 9>&- || code=$?
      echo "$code" >"$log.code"
    } 2>&1 | tee "$log" >&2
    if [ "$(cat "$log.code")" != 0 ]; then
      note "build: $(grep -v 'see above$' "$log" | tail -n 1) (log: $log)"
      return 1
    fi
  fi
  # Archives of earlier recipes, which nobody has used for weeks.
  find "$cache" -maxdepth 1 -name "$image-*.tar" ! -path "$archive" -mtime +30 -exec rm -f {} +
  say "loading $archive"
  if ! output=$(docker load --quiet --input "$archive" 2>&1); then
    note "build: made $archive, but docker load failed: $output"
    return 1
  fi
  id=$(find_image "$built")
  [ -n "$id" ]
}

if build_image; then finish "$id"; fi

cat >&2 <<END
provide.sh: the $image image is not on the Docker engine$where, and could not be put there.
$tried
What helps, one of:
  - let the engine$where reach the registry of $reference (a proxy belongs into the engine's own configuration);
  - build on a Debian or Ubuntu machine that reaches its package mirror${version:+ (and, for the registry, a Go module proxy)}:
      IMAGE=$image MODE=build images/provide.sh
    then carry the archive ~/.cache/private-registry/$image-$version-$recipe-*.tar to the engine: docker load --input FILE
  - name an image that the engine has or can pull in the setting private-registry:images.
END
exit 1
