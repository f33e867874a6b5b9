# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # sets variables for, and uses those of, the script that sources it
# Sourced by provide.sh: the root file system of the gateway's image: Debian's nginx with the libraries it
# needs, and a busybox. Only what the official nginx image has at the same place may be relied on by its
# users: nginx on PATH, /bin/sh and busybox's commands, /etc/nginx/mime.types, user ids by number.
recipe_version=nginx

# Common to Debian's and Alpine's busybox.
applets="[ ash awk base64 basename cat chgrp chmod chown cmp cp cut date dd df diff dirname du echo env expr
false find grep gunzip gzip head hostname id ip kill less ln ls md5sum mkdir mkfifo mktemp mv nc nproc od
pidof printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sha512sum sleep sort stat sync
tail tar tee test timeout touch tr true tty umount uname uniq unlink vi wc wget which xargs yes zcat"

gateway_packages() {
  packages_known nginx nginx-common busybox-static || return 1
  gateway_nginx=nginx
  # Before Debian 12 and Ubuntu 24.04 the program is in nginx-light and `nginx` is an empty package.
  if with_apt apt-cache depends --important nginx | grep -q 'Depends: nginx-\(core\|light\)'; then
    gateway_nginx=nginx-light
  fi
  # shellcheck disable=SC2046
  unpack "$gateway_nginx" nginx-common busybox-static $(libraries "$gateway_nginx")
}

# make_root ROOT: fills it and sets `container`, the JSON of the container's defaults.
make_root() {
  need_debian || return 1
  get_packages gateway_packages || return 1

  mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64" "$1/etc/nginx" "$1/tmp" "$1/run" \
    "$1/var/log/nginx" "$1/var/lib/nginx" "$1/var/cache/nginx" "$1/usr/share/nginx" || return 1
  for gateway_dir in bin sbin lib lib64; do ln -s "usr/$gateway_dir" "$1/$gateway_dir"; done
  ln -s ../run "$1/var/run"
  ln -s /dev/stdout "$1/var/log/nginx/access.log"
  ln -s /dev/stderr "$1/var/log/nginx/error.log"

  cp "$work/packages/$gateway_nginx/usr/sbin/nginx" "$1/usr/sbin/nginx" || return 1
  cat "$work"/packages/nginx*/etc/nginx/mime.types >"$1/etc/nginx/mime.types" || return 1
  copy_busybox "$1/bin/busybox" || return 1
  for gateway_applet in $applets; do ln -s busybox "$1/usr/bin/$gateway_applet"; done

  # Shared libraries and the loader; not their plug-ins (character sets, engines), which lie a folder deeper.
  for gateway_library in "$work"/packages/lib* "$work"/packages/zlib*; do
    (cd "$gateway_library" && find lib lib64 usr/lib usr/lib64 -maxdepth 2 -name '*.so*' \
      \( -type f -o -type l \) 2>/dev/null) | while read -r gateway_file; do
      gateway_target=$1/usr/${gateway_file#usr/}
      mkdir -p "$(dirname "$gateway_target")"
      cp -P "$gateway_library/$gateway_file" "$gateway_target"
    done
  done

  printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'www-data:x:33:33:www-data:/:/bin/false' \
    'nginx:x:101:101:nginx:/:/bin/false' 'nobody:x:65534:65534:nobody:/:/bin/false' >"$1/etc/passwd"
  printf '%s\n' 'root:x:0:' 'www-data:x:33:' 'nginx:x:101:' 'nogroup:x:65534:' >"$1/etc/group"
  printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$1/etc/nsswitch.conf"

  container=$(printf '{"Env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["nginx","-g","daemon off;"],"StopSignal":"SIGQUIT","Labels":{"org.opencontainers.image.title":"private-registry gateway","org.opencontainers.image.version":"%s","org.opencontainers.image.source":"https://nginx.org/","io.private-registry.recipe":"%s","io.private-registry.packages":"%s"}}' \
    "$(package_version "$gateway_nginx")" "$recipe" "$(package_list)")
}
