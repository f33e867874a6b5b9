# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# CentOS 7 with a whole Python, for Ansible in benchmarks.
. ./common.sh
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 >/dev/null
apt-get clean
rm -rf /var/lib/apt/lists/*
el7
