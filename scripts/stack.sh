# shellcheck shell=sh
# shellcheck disable=SC2034 # sets variables for the script that sources it
# Sourced by the scripts behind `make`: finds or creates the stack named STACK.
# Sets docker_host, and image_mode, registry_image, gateway_image, from the stack's settings.
cd -- "$(dirname -- "$0")/.." || exit

fail() {
  printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
  exit 1
}

case ${STACK:-} in
  "" | [!a-z0-9]* | *[!a-z0-9-]*) fail "STACK is \"${STACK:-}\"; it takes lower-case letters, digits and hyphens" ;;
esac

# Reads the settings that say where to deploy to, before there is anything to ask Pulumi.
read_settings() {
  settings=$(node scripts/stack-file.mjs read "$STACK")
  {
    # Empty lines at the end are gone: then there is nothing to read, which is no fault.
    read -r docker_host || true
    read -r image_mode || true
    read -r registry_image || true
    read -r gateway_image || true
  } <<EOF
$settings
EOF
}

# A passphrase of this checkout's own, unless the user has one: without it nobody reads the state's secrets.
ensure_passphrase() {
  if [ -n "${PULUMI_CONFIG_PASSPHRASE+x}${PULUMI_CONFIG_PASSPHRASE_FILE+x}" ] || [ -f .state/passphrase ]; then return; fi
  mkdir -p .state
  (
    umask 077
    head -c 24 /dev/urandom | base64 >.state/passphrase.new
  )
  mv .state/passphrase.new .state/passphrase
  echo "Made a passphrase for the secrets in state: .state/passphrase (keep it: without it they are lost)"
}

ensure_stack() {
  node scripts/stack-file.mjs create "$STACK"
  ensure_passphrase
  # The quick look spares a run of Pulumi; where the state lies elsewhere, Pulumi itself knows.
  if [ ! -f ".state/.pulumi/stacks/private-registry/$STACK.json" ]; then
    PULUMIW_QUIET=1 ./pulumiw stack select --create "$STACK"
  fi
}
