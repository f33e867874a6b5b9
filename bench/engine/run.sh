#!/bin/sh
# The embedded engine against the Pulumi CLI on PATH: this project's dev stack, and stacks that grow.
# Prints a Markdown table of ratios. REPEAT=n rounds of each (default 5). Without a CLI the ratios of the sizes remain.
set -eu
cd -- "$(dirname -- "$0")/../.."
exec node --import tsx bench/engine/bench.ts
