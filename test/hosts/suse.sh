# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# openSUSE's layout, with p11-kit's real extraction; its update-ca-certificates is an imitation.
. ./common.sh
mkdir -p /usr/share/pki/trust/anchors /etc/pki/trust/anchors /var/lib/ca-certificates/pem
cp /usr/share/ca-certificates/mozilla/*.crt /usr/share/pki/trust/anchors/
dpkg --remove --force-depends ca-certificates >/dev/null 2>&1
rm -rf /etc/debian_version /etc/os-release /usr/lib/os-release /etc/ssl/certs /usr/local/share/ca-certificates \
  /usr/lib/ssl/certs /usr/share/ca-certificates
printf 'NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nPRETTY_NAME="openSUSE Leap 15.6"\n' >/etc/os-release
ln -s ../../var/lib/ca-certificates/pem /etc/ssl/certs
ln -s ../../var/lib/ca-certificates/ca-bundle.pem /etc/ssl/ca-bundle.pem
ln -s /etc/ssl/certs /usr/lib/ssl/certs
ln -sf /etc/ssl/ca-bundle.pem /usr/lib/ssl/cert.pem
sed -i '/^x-init-reserved/d' /usr/share/p11-kit/modules/p11-kit-trust.module
echo "x-init-reserved: paths='/etc/pki/trust:/usr/share/pki/trust'" >>/usr/share/p11-kit/modules/p11-kit-trust.module
libcurl_reads /etc/ssl/ca-bundle.pem
cat >/usr/sbin/update-ca-certificates <<'SCRIPT'
#!/bin/sh
set -e
export P11_KIT_NO_USER_CONFIG=1
trust extract --format=pem-bundle --purpose=server-auth --filter=ca-anchors --overwrite /var/lib/ca-certificates/ca-bundle.pem
trust extract --format=pem-directory-hash --purpose=server-auth --filter=ca-anchors --overwrite /var/lib/ca-certificates/pem
SCRIPT
chmod 755 /usr/sbin/update-ca-certificates
update-ca-certificates
