# shellcheck shell=sh
# root: /made
# command: ["/usr/sbin/dropbear", "-F", "-E", "-R"]
# A root of busybox and dropbear, laid out as Alpine is. Its update-ca-certificates is an imitation: regular files
# only, joined as they are. Not proven by it: musl.
mkdir -p /made/bin /made/sbin /made/usr/bin /made/usr/sbin /made/usr/local/share/ca-certificates /made/etc/ssl/certs \
  /made/etc/dropbear /made/root/.ssh /made/tmp /made/var/lib /made/var/tmp /made/run /made/proc /made/dev
chmod 700 /made/root /made/root/.ssh
chmod 1777 /made/tmp
program() {
  cp "$1" "/made$2"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "/made$(dirname "$library")"
    cp -L "$library" "/made$library"
  done
}
program "$(command -v busybox)" /bin/busybox
for applet in $(busybox --list); do
  if [ "$applet" != busybox ]; then ln -sf /bin/busybox "/made/bin/$applet"; fi
done
program /usr/sbin/dropbear /usr/sbin/dropbear
program /usr/bin/openssl /usr/bin/openssl
mkdir -p /made/usr/lib
ln -s /etc/ssl /made/usr/lib/ssl
ln -s certs/ca-certificates.crt /made/etc/ssl/cert.pem
echo 'root:x:0:0:root:/root:/bin/sh' >/made/etc/passwd
echo 'root:x:0:' >/made/etc/group
echo '/bin/sh' >/made/etc/shells
echo 'hosts: files dns' >/made/etc/nsswitch.conf
cp /lib/x86_64-linux-gnu/libnss_* /made/lib/x86_64-linux-gnu/ 2>/dev/null || true
echo 3.20.3 >/made/etc/alpine-release
printf 'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n' >/made/etc/os-release
mkdir -p /made/usr/share/ca-certificates
cp -r /usr/share/ca-certificates/mozilla /made/usr/share/ca-certificates/
cat >/made/usr/sbin/update-ca-certificates <<'SCRIPT'
#!/bin/sh
set -e
new=$(mktemp /etc/ssl/certs/bundle.XXXXXX)
cat /usr/share/ca-certificates/mozilla/*.crt >"$new"
for file in /usr/local/share/ca-certificates/*.crt; do
  if [ -f "$file" ] && [ ! -L "$file" ]; then
    cat "$file" >>"$new"
    ln -sf "$file" "/etc/ssl/certs/ca-cert-$(basename "${file%.crt}").pem"
  fi
done
for link in /etc/ssl/certs/ca-cert-*.pem; do
  if [ -L "$link" ] && [ ! -e "$link" ]; then rm "$link"; fi
done
chmod 644 "$new"
mv "$new" /etc/ssl/certs/ca-certificates.crt
SCRIPT
chmod 755 /made/usr/sbin/update-ca-certificates
chroot /made /bin/sh /usr/sbin/update-ca-certificates
