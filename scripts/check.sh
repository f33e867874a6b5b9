#!/bin/sh
# Types, lint, format, shell: all of it, then non-zero if anything was wrong.
set -u
cd -- "$(dirname -- "$0")/.." || exit
code=0
npx tsc --project . --noCheck false || code=1
npx tsc --project engine || code=1
npx tsc --project test || code=1
npx tsc --project bench || code=1
npx tsc --project scripts || code=1
npx eslint . || code=1
npx prettier --check --log-level warn . || code=1
if command -v shellcheck >/dev/null; then
  # shellcheck disable=SC2046 # a list of files without blanks
  shellcheck $(git ls-files '*.sh' pulumiw .ci/run) || code=1
else
  echo "skipped: the check of the shell scripts (no shellcheck on this machine)"
fi
exit "$code"
