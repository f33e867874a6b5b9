# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# CentOS 6: the bundle is a plain file, and an imitation of its update-ca-trust, whose `extract` warns and does
# nothing, exit code 0, until it has been enabled. Not proven by it: OpenSSL 1.0.1, p11-kit 0.18, bash 4.1.
. ./common.sh
el "CentOS release 6.10 (Final)"
cat /usr/share/pki/ca-trust-source/anchors/*.crt >/etc/pki/tls/certs/ca-bundle.crt
{
  cat <<'SCRIPT'
#!/bin/sh
bundle=/etc/pki/tls/certs/ca-bundle.crt
extracted=/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
backup=/etc/pki/backup-traditional-original-config
state() { if [ -L "$bundle" ]; then echo ENABLED; else echo DISABLED; fi; }
case "${1-extract}" in
  check) echo "PEM/JAVA Status: $(state)."; exit 0 ;;
  extract)
    if [ "$(state)" = DISABLED ]; then
      echo "update-ca-trust: Warning: The dynamic CA configuration feature is in the disabled state" >&2
      exit 0
    fi
    ;;
  force-enable)
    mkdir -p "$backup"
    cp -p "$bundle" "$backup/ca-bundle.crt"
    ln -sf "$extracted" "$bundle"
    ;;
  disable)
    rm -f "$bundle"
    cp -p "$backup/ca-bundle.crt" "$bundle"
    exit 0
    ;;
  *) echo "usage: $0 [extract] | check | force-enable | disable" >&2; exit 1 ;;
esac
SCRIPT
  el_extract
} >/usr/bin/update-ca-trust
chmod 755 /usr/bin/update-ca-trust
