# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# Enterprise Linux 9: its update-ca-trust knows `extract` and refuses `enable`.
. ./common.sh
el "AlmaLinux release 9.4 (Seafoam Ocelot)"
printf 'NAME="AlmaLinux"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="AlmaLinux 9.4 (Seafoam Ocelot)"\n' >/etc/os-release
{
  cat <<'SCRIPT'
#!/bin/sh
case "${1-extract}" in
  extract) ;;
  *) echo "Error: Unrecognized command: $1" >&2; exit 1 ;;
esac
SCRIPT
  el_extract
} >/usr/bin/update-ca-trust
chmod 755 /usr/bin/update-ca-trust
el_links
update-ca-trust
