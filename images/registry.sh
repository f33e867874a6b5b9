# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # sets variables for, and uses those of, the script that sources it
# Sourced by provide.sh: the root file system of the registry's image: distribution's registry as a static
# binary, built from its Go module; a busybox for health checks; certificate authorities for mirrors.
recipe_version=3.1.2
registry_module=github.com/distribution/distribution/v3
# What its makers build it with; fixed, so that every machine builds the same bytes.
registry_toolchain=go1.26.8

registry_packages() {
  packages_known busybox-static ca-certificates || return 1
  unpack busybox-static ca-certificates
}

# Go of the distribution, into the cache: from Debian's backports where the suite's own is too old to fetch
# the toolchain that is asked for (before 1.21).
registry_debian_go() {
  registry_go_package=$(with_apt apt-cache search --names-only '^golang-1\.[0-9]*-go$' 2>/dev/null |
    sed -n 's/^golang-1\.\([0-9]*\)-go .*/\1/p' | sort -n | tail -n 1)
  if [ "${registry_go_package:-0}" -lt 21 ]; then return 1; fi
  unpack "golang-1.$registry_go_package-go" "golang-1.$registry_go_package-src" || return 1
  rm -rf "$cache/go"
  mkdir -p "$cache/go"
  for registry_go_part in go src; do
    cp -a "$work/packages/golang-1.$registry_go_package-$registry_go_part/usr" "$cache/go/" || return 1
    rm -rf "$work/packages/golang-1.$registry_go_package-$registry_go_part"
  done
  sed -i '/^golang-/d' "$work/packages.txt"
  ln -s "usr/lib/go-1.$registry_go_package" "$cache/go/root"
}

# find_go: sets `go`, a Go of at least 1.21: the machine's, or Debian's in the cache.
find_go() {
  for go in "$(command -v go || true)" "$cache/go/root/bin/go"; do
    if [ -x "$go" ] && GOTOOLCHAIN=local "$go" version | grep -q 'go1\.\(2[1-9]\|[3-9][0-9]\)'; then return 0; fi
  done
  say "there is no Go (1.21 or later) on this machine; taking Debian's, for this build only"
  registry_options=$apt_options
  # shellcheck disable=SC1091
  registry_suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
  # The engine's architecture may be another one; the compiler runs here.
  registry_arch=$arch arch=$(dpkg --print-architecture)
  registry_debian_go || { own_lists '' && registry_debian_go; } ||
    { own_lists "$registry_suite-backports" && registry_debian_go; } || {
    say "Debian's sources here have no Go of 1.21 or later: install Go from your distribution or go.dev"
    return 1
  }
  apt_options=$registry_options arch=$registry_arch
  go=$cache/go/root/bin/go
}

# compile TOOLCHAIN: settings of the user that would make another binary stay out.
compile() {
  GOFLAGS=-trimpath GOWORK=off GOTOOLCHAIN=$1 CGO_ENABLED=0 GOOS=linux GOARCH="$arch" GOAMD64=v1 GOBIN='' \
    "$go" install -trimpath \
    -ldflags "-s -w -buildid= -X $registry_module/version.version=v$recipe_version" \
    "$registry_module/cmd/registry@v$recipe_version" >&2
}

# make_root ROOT: fills it and sets `container`, the JSON of the container's defaults.
make_root() {
  need_debian || return 1
  get_packages registry_packages || return 1
  find_go || return 1

  say "compiling $registry_module/cmd/registry v$recipe_version (one to three minutes the first time)"
  mkdir -p "$1/bin" "$work/gopath"
  # A folder of this run for the result. Downloads stay where the user's Go keeps them; a Go that we brought
  # leaves nothing (a gigabyte) outside of the cache, and nothing there once the image is made.
  if [ "$go" = "$cache/go/root/bin/go" ]; then
    export GOMODCACHE="$cache/go/modules" GOCACHE="$cache/go/build"
  else
    GOMODCACHE=$(GOTOOLCHAIN=local "$go" env GOMODCACHE)
    export GOMODCACHE
  fi
  export GOPATH="$work/gopath"
  registry_toolchain_used=$registry_toolchain
  if ! compile "$registry_toolchain"; then
    say "that failed with $registry_toolchain; trying what this machine's Go chooses"
    registry_toolchain_used=$(GOTOOLCHAIN=local "$go" env GOVERSION)
    compile auto || return 1
  fi
  find "$work/gopath/bin" -name registry -type f -exec cp {} "$1/bin/registry" \;
  [ -x "$1/bin/registry" ] || return 1
  if [ -d "$cache/go" ]; then chmod -R u+w "$cache/go" && rm -rf "$cache/go"; fi

  mkdir -p "$1/etc/ssl/certs" "$1/etc/distribution" "$1/var/lib/registry" "$1/tmp"
  copy_busybox "$1/bin/busybox" || return 1
  find "$work"/packages/ca-certificates/usr/share/ca-certificates -name '*.crt' | LC_ALL=C sort |
    while read -r registry_ca; do cat "$registry_ca"; done >"$1/etc/ssl/certs/ca-certificates.crt"
  printf '%s\n' 'root:x:0:0:root:/:/bin/false' 'nobody:x:65534:65534:nobody:/:/bin/false' >"$1/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$1/etc/group"

  container=$(printf '{"Env":["PATH=/bin","OTEL_TRACES_EXPORTER=none"],"Entrypoint":["/bin/registry"],"Cmd":["serve","/etc/distribution/config.yml"],"Labels":{"org.opencontainers.image.title":"private-registry registry","org.opencontainers.image.version":"%s","org.opencontainers.image.source":"https://%s","org.opencontainers.image.licenses":"Apache-2.0","io.private-registry.recipe":"%s","io.private-registry.packages":"%s","io.private-registry.go":"%s"}}' \
    "$recipe_version" "github.com/distribution/distribution" "$recipe" "$(package_list)" "$registry_toolchain_used")
}
