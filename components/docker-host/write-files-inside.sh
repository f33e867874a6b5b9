# shellcheck shell=sh
# Runs in a container of the Docker host that sees a volume as /files. Reads "name base64" lines from stdin, ended by
# a dot, and writes them as one revision: a folder that appears whole or not at all.
#   REVISION    name of the revision's folder
#   GENERATION  recorded beside it, together with a fingerprint of what was written
#   OWNER       uid:gid of folder and files
#   CHECK       command that must accept them, run in their folder, before they count; empty: none
set -eu
: "$REVISION" "$GENERATION" "$OWNER" "$CHECK"
umask 077
cd /files
rm -rf .new
mkdir .new
complete=no
while read -r name data; do
  if [ "$name" = . ]; then
    complete=yes
    break
  fi
  printf '%s' "$data" | base64 -d >".new/$name"
done
# A connection that breaks looks like the end of the input.
if [ "$complete" = no ]; then
  rm -rf .new
  echo 'The files did not arrive completely; nothing was changed.' >&2
  exit 1
fi
if [ -n "$CHECK" ] && ! (cd .new && eval "$CHECK"); then
  rm -rf .new
  echo 'The new files were refused; the ones before stay in use.' >&2
  exit 1
fi
chown -R "$OWNER" .new
find .new -exec sync {} +
fingerprint=$(fingerprint .new)
chmod 755 .
# One that is in use and right must not be away even for a moment.
if [ -d "$REVISION" ] && [ "$(fingerprint "$REVISION")" = "$fingerprint" ]; then
  rm -rf .new
else
  rm -rf "$REVISION"
  mv -T .new "$REVISION"
fi
printf '%s %s %s\n' "$GENERATION" "$REVISION" "$fingerprint" >.generation
sync .generation
mv -T .generation generation

previous=$(readlink current || true)
rm -f .current
ln -s "$REVISION" .current
mv -T .current current
# The previous revision stays: what is still running was started from it, and may be restarted.
for old in rev-*; do
  case $old in "$REVISION" | "$previous") ;; *) rm -rf "$old" ;; esac
done
