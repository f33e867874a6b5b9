# A private Docker registry: `make up`, log in, push, pull. STACK=name picks the environment.
STACK ?= dev
export STACK

.DEFAULT_GOAL := help
.PHONY: help up preview destroy credentials verify-hosts test check bench format reference

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: node_modules ## make it so: Docker, images, registry, trust on this machine; then prove it
	@scripts/up.sh

preview: node_modules ## what `make up` would change
	@scripts/preview.sh

destroy: node_modules ## take it down; the images stay (PURGE=1 removes them, after asking)
	@scripts/destroy.sh

credentials: node_modules ## users and their passwords
	@scripts/credentials.sh

verify-hosts: node_modules ## have every host prove its trust anew; changes nothing
	@scripts/verify-hosts.sh

test: node_modules ## everything there is to prove, on real parts
	@test/run.sh

check: node_modules ## types, lint, format, shell
	@scripts/check.sh

bench: node_modules ## how fast, compared with what else there is (BENCH="gateway trust": only these)
	@bench/run.sh $(BENCH)

format: node_modules ## bring the code into its form
	@npx prettier --write . >/dev/null

reference: node_modules ## write docs/reference.md from the settings' schema
	@node --import tsx scripts/reference.ts >docs/reference.md

# npm itself writes this file: it is as old as the packages.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json engine/package.json package-lock.json
	@echo "Installing the program's packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@
