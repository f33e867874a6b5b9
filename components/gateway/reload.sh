#!/bin/sh
# Makes the running nginx take up the revision of its files that is current, and proves that it has. No transfer is
# cut: old workers finish what they have begun.
#   CONTAINER  id of the gateway's container
#   REVISION   name of the revision
#   STATUS     URL of the container's status server
set -eu

status() {
  # Not every busybox has wget's own -T.
  docker exec "$CONTAINER" timeout 10 wget -q -O - "$STATUS/$1" 2>/dev/null
}

# workers: the processes that take requests, each on a line. Those that are to end have another title.
workers() {
  # shellcheck disable=SC2016 # expanded over there
  docker exec "$CONTAINER" sh -c 'for process in /proc/[0-9]*; do
    title=
    read -r title <$process/cmdline
    case $title in
      "nginx: worker process is"*) ;;
      "nginx: worker process"*) echo $process ;;
    esac
  done 2>/dev/null; true'
}

is_current() { [ "$(status revision)" = "$REVISION" ]; }
is_ready() { status ready >/dev/null; }
old_ones_end() { ! printf '%s\n' "$before" | grep -qxF -e "$(workers)"; }

# require PAUSE CONDITION MESSAGE…: the condition, looked at again after so many seconds, fifty times.
require() {
  pause=$1 condition=$2 looked=0
  shift 2
  until "$condition"; do
    looked=$((looked + 1))
    if [ "$looked" -gt 50 ]; then
      printf '%s\n' "$*" >&2
      return 1
    fi
    sleep "$pause"
  done
}

before=$(workers)
docker kill --signal HUP "$CONTAINER" >/dev/null

# A reload is asked for, not done, when kill returns: new workers answer with the new revision.
if ! require 0.2 is_current "nginx did not take up the new files within 10 s; its last words:"; then
  docker logs --tail 5 "$CONTAINER" >&2
  exit 1
fi
# For a moment the old ones go on beside them: a user that was removed would still be let in.
require 0.2 old_ones_end "Workers of nginx still take requests with the old files after 10 s; what goes on: docker top $CONTAINER"
require 0.5 is_ready "The gateway is up, but the registry behind it does not answer."
