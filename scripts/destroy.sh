#!/bin/sh
# Takes the stack's registry down. The images stay where they are: PURGE=1 removes them, after asking.
set -eu
# shellcheck source=scripts/stack.sh
. "$(dirname -- "$0")/stack.sh"
[ -f "$settings_file" ] || fail "there is no stack $STACK (no $settings_file)"
read_settings
DOCKER_HOST=$docker_host
export DOCKER_HOST

# Where the images of what is deployed really are: the settings may have been changed since.
containers=$(docker ps --all --quiet --filter "network=private-registry-$STACK" 2>/dev/null || true)
if [ -n "$containers" ]; then
  # shellcheck disable=SC2086 # a list of ids
  mounted=$(docker inspect --format \
    '{{range .Mounts}}{{if and (eq .Destination "/var/lib/registry") .RW}}{{.Source}}{{end}}{{end}}' $containers |
    grep . | head -n 1) || true
  data_path=${mounted:-$data_path}
fi

# On a terminal Pulumi asks; without one, `make destroy` itself is the answer. It previews first in both cases:
# what is protected stops it before anything is gone.
if [ -t 0 ] && [ -t 1 ]; then yes=; else yes=--yes; fi
# shellcheck disable=SC2086 # an option or nothing
./pulumiw destroy --stack "$STACK" --refresh $yes

case $docker_host in unix://*) scripts/local-trust.sh remove ;; esac

if [ "${PURGE:-}" != 1 ]; then
  echo "The images are still in $data_path; \`make destroy PURGE=1\` removes them."
  exit 0
fi
printf 'Type "%s" to remove all images of the stack %s in %s: ' "$STACK" "$STACK" "$data_path"
read -r answer || answer=
if [ "$answer" != "$STACK" ]; then fail "not removed: the answer was \"$answer\""; fi
# From a container: the files are the registry's, on whatever machine. Nothing else in the folder is touched.
image=$(IMAGE=gateway MODE=$image_mode REFERENCE=$gateway_image images/find.sh)
[ -n "$image" ] || fail "there is no image to do it with on the Docker host; remove $data_path/docker/registry yourself"
docker run --rm --network none --log-driver none --user 0:0 --cap-drop ALL --cap-add DAC_OVERRIDE --cap-add FOWNER \
  --mount "type=bind,src=$data_path,dst=/data" --entrypoint /bin/sh "$image" \
  -c 'rm -rf /data/docker/registry && { rmdir /data/docker 2>/dev/null || true; }'
echo "Removed the images in $data_path"
