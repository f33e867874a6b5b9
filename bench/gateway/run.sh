#!/bin/sh
# The gateway against what else there is, in one run: the usual recipe, a plain file, the registry by itself, Caddy.
# Prints a Markdown table of ratios. REPEAT=n rounds (default 3), SECONDS_EACH=n for each load (default 4),
# ROWS=pattern only these rows.
set -eu
cd -- "$(dirname -- "$0")/../.."

for tool in wrk hey curl openssl; do
  command -v "$tool" >/dev/null && continue
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$tool"; } >/dev/null 2>&1 || true
  fi
  command -v "$tool" >/dev/null || {
    echo "left out: there is no $tool on this machine"
    exit 0
  }
done
echo "Not a peer here: zot. Its Go module (zotregistry.dev/zot/v2) is refused by the module proxy, so it cannot be built."
echo
exec node --import tsx bench/gateway/bench.ts
