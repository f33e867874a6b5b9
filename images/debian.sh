# shellcheck shell=sh
# shellcheck disable=SC2154 # work, cache and arch are the caller's
# Sourced by provide.sh: Debian or Ubuntu packages as folders of files, without root and without touching
# what is installed. Uses `work` (a folder of this run), `cache` and `arch` (Debian's name of the engine's).

# need_debian: true where packages can be had; otherwise says why not.
need_debian() {
  for need_debian_tool in apt-get apt-cache dpkg-deb dpkg; do
    if ! command -v "$need_debian_tool" >/dev/null; then
      # shellcheck disable=SC1091
      need_debian_here=$(if [ -r /etc/os-release ]; then . /etc/os-release && printf '%s' "${PRETTY_NAME-}"; fi)
      say "building needs Debian or Ubuntu; this is ${need_debian_here:-$(uname -s)} (no $need_debian_tool)"
      return 1
    fi
  done
}

# with_apt COMMAND ARGS…: an apt command on the lists in use: the machine's own, or after own_lists ours.
apt_options=
with_apt() {
  with_apt_command=$1
  shift
  # The index in a file of ours: apt in container images is set up to keep none, and reads all lists each time.
  # shellcheck disable=SC2086
  "$with_apt_command" -q -o Dir::Cache::pkgcache="$work/pkgcache.bin" \
    -o Dir::Cache::srcpkgcache="$work/srcpkgcache.bin" -o APT::Sandbox::User=root -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
    -o Acquire::https::Timeout=20 $apt_options "$@"
}

# own_lists [SUITE]: package lists of our own in the cache, for this machine's sources: for a machine whose
# lists are missing or stale, and for an engine of another architecture. With SUITE, such as trixie-backports:
# that suite alone, found by the lists in use before.
# shellcheck disable=SC2120 # the registry's recipe gives it a suite
own_lists() {
  own_lists_dir=$cache/apt-$arch${1:+-$1}
  case $own_lists_dir in *[[:space:]]*) say "the cache folder must not have spaces: $cache" && return 1 ;; esac
  mkdir -p "$own_lists_dir/lists/partial" "$own_lists_dir/archives/partial"
  : >"$own_lists_dir/status"
  if [ -n "${1-}" ]; then
    # From where this machine has its own suite, and with Debian's own keys.
    own_lists_keys=/usr/share/keyrings/debian-archive-keyring.gpg
    if [ -f "$own_lists_keys" ]; then own_lists_keys="[signed-by=$own_lists_keys] "; else own_lists_keys=; fi
    # shellcheck disable=SC2016
    with_apt apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' \
      "Codename: ${1%-backports}" | sort -u | while read -r own_lists_site own_lists_component; do
      printf 'deb %s%s %s %s\n' "$own_lists_keys" "$own_lists_site" "$1" "$own_lists_component"
    done >"$own_lists_dir/extra.list"
  fi
  apt_options="-o Dir::State::lists=$own_lists_dir/lists -o Dir::Cache=$own_lists_dir -o Dir::Cache::archives=$own_lists_dir/archives -o Dir::State::status=$own_lists_dir/status -o APT::Architecture=$arch -o APT::Architectures=$arch"
  if [ -n "${1-}" ]; then
    apt_options="$apt_options -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=$own_lists_dir/extra.list"
  fi
  say "reading package lists for $arch"
  # A single source that fails is no reason to stop: whether the packages are found is what counts.
  with_apt apt-get update >&2 || true
}

# packages_known NAME…: whether every package has a version to download.
packages_known() {
  [ "$(with_apt apt-cache policy "$@" 2>/dev/null | grep -c 'Candidate: [^(]')" = $# ]
}

# libraries NAME…: the library packages (lib…, zlib1g) that the packages depend on, at any depth.
libraries() {
  libraries_new=$*
  libraries_all=
  while [ -n "$libraries_new" ]; do
    # shellcheck disable=SC2086
    libraries_found=$(with_apt apt-cache depends --important $libraries_new 2>/dev/null |
      sed -n 's/^ *|\{0,1\}\(Pre\)\{0,1\}Depends: \(\(lib\|zlib\)[a-z0-9.+-]*\)$/\2/p' | grep -v '^libnginx-mod-' | sort -u)
    libraries_new=
    for libraries_name in $libraries_found; do
      case " $libraries_all " in
        *" $libraries_name "*) ;;
        *) libraries_new="$libraries_new $libraries_name" libraries_all="$libraries_all $libraries_name" ;;
      esac
    done
  done
  printf '%s\n' "$libraries_all"
}

# unpack NAME…: downloads the packages (checked by apt against the signed lists) and unpacks each into
# $work/packages/NAME; adds "NAME=version" lines to $work/packages.txt.
unpack() {
  mkdir -p "$work/debs" "$work/packages"
  (cd "$work/debs" && with_apt apt-get download "$@" >&2) || return 1
  for unpack_deb in "$work"/debs/*.deb; do
    unpack_name=$(dpkg-deb --field "$unpack_deb" Package)
    dpkg-deb --extract "$unpack_deb" "$work/packages/$unpack_name"
    printf '%s=%s\n' "$unpack_name" "$(dpkg-deb --field "$unpack_deb" Version)" >>"$work/packages.txt"
    rm "$unpack_deb"
  done
  LC_ALL=C sort -u -o "$work/packages.txt" "$work/packages.txt"
}

# get_packages FUNCTION: runs FUNCTION, which unpacks what it needs; when that fails with the machine's own
# package lists (missing, stale, of another architecture), once more with fresh ones.
get_packages() {
  if [ "$arch" = "$(dpkg --print-architecture)" ] && [ -z "$apt_options" ] && "$1"; then return 0; fi
  own_lists ''
  "$1"
}

# package_version NAME / package_list: what was unpacked, for labels.
package_version() { sed -n "s/^$1=//p" "$work/packages.txt"; }
package_list() { tr '\n' ' ' <"$work/packages.txt" | sed 's/ $//'; }

# copy_busybox TARGET: the program of busybox-static, wherever the release puts it.
copy_busybox() {
  for copy_busybox_dir in bin usr/bin; do
    copy_busybox_file=$work/packages/busybox-static/$copy_busybox_dir/busybox
    if [ -f "$copy_busybox_file" ]; then
      cp "$copy_busybox_file" "$1"
      return
    fi
  done
  say "Debian's busybox-static has no program where it is expected"
  return 1
}
