# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# Debian with a Docker engine of its own, podman and skopeo.
. ./common.sh
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends docker.io iptables podman skopeo >/dev/null
apt-get clean
rm -rf /var/lib/apt/lists/*
mkdir -p /etc/containers
printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' >/etc/containers/storage.conf
