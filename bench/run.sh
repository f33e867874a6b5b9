#!/bin/sh
# Every benchmark, or those named: `bench/run.sh [NAME…]`, `make bench BENCH="NAME…"`. Each is a folder NAME/ with a
# run.sh that compares things in one run and prints ratios as a Markdown table, as it stands in docs/benchmarks.md.
# Loads this machine only. A benchmark that lacks something here says so and is left out.
set -eu
cd -- "$(dirname -- "$0")/.."

if [ $# = 0 ]; then
  for folder in bench/*/; do set -- "$@" "$(basename -- "$folder")"; done
fi
for name in "$@"; do
  if [ ! -x "bench/$name/run.sh" ]; then
    echo "bench/run.sh: there is no benchmark \"$name\"; there are: $(cd bench && echo */ | tr -d /)" >&2
    exit 2
  fi
done

started=
docker info >/dev/null 2>&1 || started=yes
# shellcheck disable=SC2317 # called by the trap
stop_docker() {
  if [ -n "$started" ]; then scripts/docker-engine.sh stop; fi
}
trap stop_docker EXIT
scripts/docker-engine.sh
for image in registry gateway; do IMAGE=$image images/provide.sh >/dev/null; done

code=0
for name in "$@"; do
  printf '\n## %s\n\n' "$name"
  "bench/$name/run.sh" || code=1
done
exit "$code"
