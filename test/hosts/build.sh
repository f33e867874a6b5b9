#!/bin/sh
# Images of hosts for tests, each with a real sshd, made from Debian packages: one base, and a layer for each family.
# Prints the image's name. What is there already is not made again; a changed recipe is a new image.
#
#   build.sh FAMILY    debian, el6, el7, el9, suse, alpine, engines (Debian with dockerd, podman and
#                      skopeo), python (el7 with the whole of Python), systemd (Debian with systemd and dockerd)
#
# Exit code 3: this machine cannot make them; stderr says why.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
family=${1-}
[ -f "$here/$family.sh" ] || {
  echo "build.sh: \"$family\" is no family; it takes: $(cd "$here" && echo [!b]*.sh | sed 's/\.sh//g')" >&2
  exit 2
}
packages=openssh-server,sudo,curl,openssl,ca-certificates,p11-kit,p11-kit-modules,python3-minimal,git,busybox,dropbear-bin

tag() { cat "$@" | sha256sum | cut -c 1-12; }
has_image() { docker image inspect "$1" >/dev/null 2>&1; }

base=private-registry-test/host-base:$(echo "$packages" | tag -)
image=private-registry-test/host-$family:$(echo "$base" | tag "$here/$family.sh" "$here/common.sh" -)

# Tests start side by side: the first one builds.
exec 9<"$here"
flock 9
if has_image "$image"; then
  echo "$image"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! has_image "$base"; then
  if ! command -v mmdebstrap >/dev/null; then
    echo "build.sh: no mmdebstrap on this machine (Debian: apt-get install mmdebstrap)" >&2
    exit 3
  fi
  mmdebstrap --quiet --variant=essential --include="apt,$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/base.tar" >&2 || {
    echo "build.sh: Debian's packages could not be had" >&2
    exit 3
  }
  docker import "$work/base.tar" "$base" >/dev/null
fi
mkdir "$work/context"
cp "$here/$family.sh" "$here/common.sh" "$work/context"
{
  echo "FROM $base AS made"
  echo "COPY $family.sh common.sh /build/"
  echo "RUN cd /build && sh -eu $family.sh && rm -rf /build"
  # A family with a root of its own leaves it in /made.
  if grep -q '^# root: /made' "$here/$family.sh"; then printf 'FROM scratch\nCOPY --from=made /made /\n'; fi
  sed -n 's/^# command: \(.*\)/CMD \1/p' "$here/$family.sh"
} >"$work/context/Dockerfile"
docker build --quiet --tag "$image" "$work/context" >/dev/null 2>"$work/log" || {
  cat "$work/log" >&2
  exit 1
}
echo "$image"
