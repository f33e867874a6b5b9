#!/bin/sh
# Builds the archive of an image for `docker load` without a Docker engine. provide.sh runs it under its lock.
# In: IMAGE, ARCH (amd64, arm64, …), CACHE (a folder), OUT (the archive; it appears whole or not at all).
# What goes wrong is said on stderr, the reason last.
set -eu
umask 022
here=$(dirname -- "$0")
# shellcheck source=images/names.sh
. "$here/names.sh"
# shellcheck source=images/debian.sh
. "$here/debian.sh"
# shellcheck source=images/archive.sh
. "$here/archive.sh"

cache=${CACHE:?} arch=${ARCH:?}
case $arch in
  # Where Debian's name and Go's are the same word.
  amd64 | arm64 | riscv64 | s390x) ;;
  *) fail "no recipe for an engine of architecture $arch; there is one for: amd64, arm64, riscv64, s390x" ;;
esac

# Left by a run that was killed; the lock says that nobody uses them now.
rm -rf "$cache/work-$image".*
work=$(mktemp -d "$cache/work-$image.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Shell source of the one recipe: sets `container` and fills the folder.
# shellcheck source=images/gateway.sh
. "$here/$image.sh"
mkdir "$work/root"
make_root "$work/root" || fail "the build of $built failed: see above"
# shellcheck disable=SC2154 # the recipe sets container
write_archive "$work" "$work/root" "$arch" "$built" "$container" "$work/image.tar"
mv "$work/image.tar" "$OUT"
