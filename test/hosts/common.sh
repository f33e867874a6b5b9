# shellcheck shell=sh
# Runs while an image is made. What all hosts with OpenSSH have in common: accounts, and a key that is the image's.
mkdir -p /run/sshd /root/.ssh
chmod 700 /root/.ssh
ssh-keygen -q -A
useradd --create-home --shell /bin/sh ops
useradd --create-home --shell /bin/sh nosudo
echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
for account in ops nosudo; do
  mkdir -p "/home/$account/.ssh"
  ln -s /root/.ssh/authorized_keys "/home/$account/.ssh/authorized_keys"
done
# One file for all accounts, put there when the host starts.
cat >/etc/ssh/sshd_config.d/test.conf <<'CONFIG'
AuthorizedKeysFile /etc/ssh/authorized_keys
PasswordAuthentication no
UseDNS no
CONFIG

# el RELEASE: turns Debian into the layout of Enterprise Linux, with p11-kit's real extraction.
el() {
  mkdir -p /usr/share/pki/ca-trust-source/anchors /etc/pki/ca-trust/source/anchors /etc/pki/ca-trust/source/blocklist \
    /etc/pki/ca-trust/extracted/pem /etc/pki/ca-trust/extracted/openssl /etc/pki/ca-trust/extracted/java \
    /etc/pki/ca-trust/extracted/edk2 /etc/pki/tls/certs /etc/pki/java
  cp /usr/share/ca-certificates/mozilla/*.crt /usr/share/pki/ca-trust-source/anchors/
  dpkg --remove --force-depends ca-certificates >/dev/null 2>&1
  rm -rf /etc/debian_version /etc/os-release /usr/lib/os-release /etc/ssl/certs /usr/local/share/ca-certificates \
    /usr/lib/ssl/certs /usr/lib/ssl/cert.pem /usr/lib/ssl/openssl.cnf /usr/share/ca-certificates
  rm -f /usr/sbin/update-ca-certificates
  echo "$1" >/etc/redhat-release
  mv /etc/ssl/openssl.cnf /etc/pki/tls/openssl.cnf
  ln -s ../pki/tls/certs /etc/ssl/certs
  ln -s /etc/pki/tls/certs /usr/lib/ssl/certs
  ln -s /etc/pki/tls/cert.pem /usr/lib/ssl/cert.pem
  ln -s /etc/pki/tls/openssl.cnf /usr/lib/ssl/openssl.cnf
  ln -s certs/ca-bundle.crt /etc/pki/tls/cert.pem
  sed -i '/^x-init-reserved/d' /usr/share/p11-kit/modules/p11-kit-trust.module
  echo "x-init-reserved: paths='/etc/pki/ca-trust/source:/usr/share/pki/ca-trust-source'" \
    >>/usr/share/p11-kit/modules/p11-kit-trust.module
  ln -sf bash /bin/sh
  libcurl_reads /etc/pki/tls/certs/ca-bundle.crt
}

# CentOS 7: its update-ca-trust ignores whatever it is told, and extracts.
el7() {
  el "CentOS Linux release 7.9.2009 (Core)"
  { printf '#!/bin/sh\n' && el_extract; } >/usr/bin/update-ca-trust
  chmod 755 /usr/bin/update-ca-trust
  el_links
  update-ca-trust
}

# libcurl_reads FILE: as if it had been built for another distribution.
libcurl_reads() {
  FILE=$1 python3 - <<'PYTHON'
import glob, os
old, new = b"/etc/ssl/certs/ca-certificates.crt", os.environ["FILE"].encode()
for name in glob.glob("/usr/lib/*/libcurl.so.4.*"):
    data = open(name, "rb").read()
    assert old in data and len(new) <= len(old)
    open(name, "wb").write(data.replace(old, new.ljust(len(old), b"\0")))
PYTHON
}

# The links and the extraction of Enterprise Linux 7 and later.
el_extract() {
  cat <<'SCRIPT'
DEST=/etc/pki/ca-trust/extracted
export P11_KIT_NO_USER_CONFIG=1
trust extract --format=openssl-bundle --filter=certificates --overwrite "$DEST/openssl/ca-bundle.trust.crt"
trust extract --format=pem-bundle --filter=ca-anchors --overwrite --comment --purpose server-auth "$DEST/pem/tls-ca-bundle.pem"
trust extract --format=pem-bundle --filter=ca-anchors --overwrite --comment --purpose email "$DEST/pem/email-ca-bundle.pem"
trust extract --format=pem-bundle --filter=ca-anchors --overwrite --comment --purpose code-signing "$DEST/pem/objsign-ca-bundle.pem"
trust extract --format=java-cacerts --filter=ca-anchors --overwrite --purpose server-auth "$DEST/java/cacerts"
SCRIPT
}

el_links() {
  ln -s /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/pki/tls/certs/ca-bundle.crt
  ln -s /etc/pki/ca-trust/extracted/openssl/ca-bundle.trust.crt /etc/pki/tls/certs/ca-bundle.trust.crt
  ln -s /etc/pki/ca-trust/extracted/java/cacerts /etc/pki/java/cacerts
}
