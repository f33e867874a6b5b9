# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# Debian as it is.
. ./common.sh
