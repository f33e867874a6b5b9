#!/bin/sh
# Writes files into a volume of the Docker host. The files come by stdin, so that none of them ever is in a command
# line or an environment. VOLUME, IMAGE, REVISION, GENERATION, OWNER, CHECK: see write-files-inside.sh.
set -eu
exec docker run --rm --interactive --network none --read-only --user 0:0 \
  --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --security-opt no-new-privileges \
  --log-driver none --mount "type=volume,src=$VOLUME,dst=/files" --tmpfs /run \
  --env REVISION --env GENERATION --env OWNER --env CHECK \
  --entrypoint /bin/sh "$IMAGE" -c "$(cat components/docker-host/fingerprint.sh components/docker-host/write-files-inside.sh)"
