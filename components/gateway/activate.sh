#!/bin/sh
# Makes a revision of the gateway's files the one in use: checked, switched, reloaded, proved. No transfer is cut.
# A revision that nginx refuses changes nothing: the one before stays in use, also after a restart.
#   CONTAINER  id of the gateway's container     REVISION  name of the revision
#   VOLUME     volume of the gateway's files     IMAGE     an image with a shell
#   FILES      where the container sees the volume
#   STATUS     URL of the container's status server
set -eu

status() {
  # Not every busybox has wget's own -T.
  docker exec "$CONTAINER" timeout 10 wget -q -O - "$STATUS/$1" 2>/dev/null
}

if ! fault=$(docker exec "$CONTAINER" nginx -t -q -c "$FILES/$REVISION/nginx.conf" 2>&1); then
  printf 'nginx refuses the new files, the ones before stay in use:\n%s\n' "$fault" >&2
  exit 1
fi

docker run --rm --network none --read-only --user 0:0 --cap-drop ALL --cap-add DAC_OVERRIDE \
  --security-opt no-new-privileges --log-driver none --mount "type=volume,src=$VOLUME,dst=/files" \
  --entrypoint /bin/sh --env REVISION "$IMAGE" \
  -c 'cd /files && ln -sfn "$REVISION" .current && mv -T .current current'
docker kill --signal HUP "$CONTAINER" >/dev/null

# A reload is asked for, not done, when kill returns: new workers answer with the new revision.
waited=0
until [ "$(status revision)" = "$REVISION" ]; do
  waited=$((waited + 1))
  if [ "$waited" -gt 50 ]; then
    printf 'nginx did not take up the new files within 10 s; its last words:\n' >&2
    docker logs --tail 5 "$CONTAINER" >&2
    exit 1
  fi
  sleep 0.2
done

waited=0
until status ready >/dev/null; do
  waited=$((waited + 1))
  if [ "$waited" -gt 50 ]; then
    printf 'The gateway is up, but the registry behind it does not answer.\n' >&2
    exit 1
  fi
  sleep 0.5
done
