# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# CentOS 7.
. ./common.sh
el7
