# Runs in a container of the Docker host that sees a volume as /files. Reads "name base64" lines from stdin and
# writes them as one revision: a folder that appears whole or not at all.
#   REVISION    name of the revision's folder
#   GENERATION  recorded beside it, together with a fingerprint of what was written
#   OWNER       uid:gid of folder and files
#   ACTIVATE    yes: make it current at once; no: only where nothing is current yet
set -eu
: "$REVISION" "$GENERATION" "$OWNER" "$ACTIVATE"
umask 077
cd /files
rm -rf .new
mkdir .new
while read -r name data; do
  printf '%s' "$data" | base64 -d >".new/$name"
done
chown -R "$OWNER" .new
find .new -type f -exec fsync {} +
fingerprint=$(cd .new && find . -exec stat -c '%F %a %u:%g %n' {} + | sort && find . -type f -exec sha256sum {} + | sort)
fingerprint=$(printf '%s\n' "$fingerprint" | sha256sum | cut -d ' ' -f 1)
chmod 755 .
rm -rf "$REVISION"
mv -T .new "$REVISION"
printf '%s %s %s\n' "$GENERATION" "$REVISION" "$fingerprint" >.generation
fsync .generation
mv -T .generation generation

previous=$(readlink current || true)
if [ "$ACTIVATE" = yes ] || [ -z "$previous" ]; then
  ln -s "$REVISION" .current
  mv -T .current current
fi
# The previous revision stays: what is still running was started from it, and may be restarted.
for old in rev-*; do
  case $old in "$REVISION" | "$previous") ;; *) rm -rf "$old" ;; esac
done
