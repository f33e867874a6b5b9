# shellcheck shell=sh
# Goes before write-files-inside.sh and inspect-inside.sh, which must agree on what a folder of files is.

# fingerprint FOLDER: a digest over type, mode, owner, name and content of everything in it.
fingerprint() (
  cd "$1" || exit
  {
    find . -exec stat -c '%F %a %u:%g %n' {} + | sort
    find . -type f -exec sha256sum {} + | sort
  } | sha256sum | cut -d ' ' -f 1
)
