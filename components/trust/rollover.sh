#!/bin/sh
# Has one host trust a new CA beside the old one, when there is a new one: any other change of what reaches this script
# (an address, a key, a setting of the host) is none of its business, and needs no connection.
#
#   AUTHORITY              SHA-256 of the CA's certificate; the result, by which the next run knows what this one told
#   PULUMI_COMMAND_STDOUT  the result of the last run; empty on a host that is new, where nothing rests on an old CA
#   everything else        as on-host.sh takes it
set -eu
if [ "${PULUMI_COMMAND_STDOUT-$AUTHORITY}" != "$AUTHORITY" ]; then
  sh "$(dirname -- "$0")/on-host.sh" add >/dev/null
fi
printf '%s' "$AUTHORITY"
