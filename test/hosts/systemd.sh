# shellcheck shell=sh
# command: ["/bin/sh", "-c", "busybox mount -o remount,rw /sys/fs/cgroup; busybox mount -o remount,rw /sys/fs/cgroup/systemd; exec /sbin/init"]
# Debian with systemd as its first process, which keeps a Docker engine. Takes SYS_ADMIN, NET_ADMIN and a cgroup namespace.
. ./common.sh
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends docker.io systemd systemd-sysv >/dev/null
apt-get clean
rm -rf /var/lib/apt/lists/*
echo 'DOCKER_OPTS="--bridge=none --iptables=false --storage-driver=vfs"' >/etc/default/docker
systemctl mask --quiet systemd-udevd.service systemd-logind.service getty.target
