# shellcheck shell=sh
# command: ["/usr/sbin/sshd", "-D", "-e"]
# CentOS 7: its update-ca-trust ignores whatever it is told, and extracts.
. ./common.sh
el "CentOS Linux release 7.9.2009 (Core)"
{ printf '#!/bin/sh\n' && el_extract; } >/usr/bin/update-ca-trust
chmod 755 /usr/bin/update-ca-trust
el_links
update-ca-trust
