# shellcheck shell=sh
# shellcheck disable=SC2034 # sets variables for the script that sources it
# Sourced by the scripts behind `make`: finds or creates the stack named STACK.
cd -- "$(dirname -- "$0")/.." || exit

fail() {
  printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
  shift
  if [ $# -gt 0 ]; then printf '  %s\n' "$@" >&2; fi
  exit 1
}

case ${STACK:-} in
  "" | [!a-z0-9]* | *[!a-z0-9-]*) fail "STACK is \"${STACK:-}\"; it takes lower-case letters, digits and hyphens" ;;
esac
settings_file=Pulumi.$STACK.yaml

# The stack's state, where it lies in this checkout: see pulumiw.
stacks=.state/.pulumi/stacks/private-registry
state_here() {
  [ -z "${PULUMI_BACKEND_URL:-}" ] && [ ! -e "${PULUMI_HOME:-${HOME:-}/.pulumi}/credentials.json" ]
}

# Reads the settings that say where to deploy to, before there is anything to ask Pulumi; every fault of any setting.
# Sets docker_host, image_mode, registry_image, gateway_image, data_path.
read_settings() {
  docker_host='' image_mode='' registry_image='' gateway_image='' data_path=''
  settings=$(node --import tsx scripts/settings.ts "$STACK") || exit 1
  eval "$settings"
}

# What is lost must not be made anew in silence: a new file beside an old state would change everything.
ensure_settings() {
  if [ ! -f "$settings_file" ] && state_here && [ -f "$stacks/$STACK.json" ]; then
    fail "$settings_file is gone, but the stack $STACK exists: put it back from your backup or from git." \
      "What it was made with: ./pulumiw stack output --stack $STACK" \
      "To begin anew instead: ./pulumiw stack rm --stack $STACK"
  fi
  node scripts/stack-file.mjs "$STACK"
}

# A passphrase of this checkout's own, unless the user has one: without it nobody reads the state's secrets.
ensure_passphrase() {
  if [ -n "${PULUMI_CONFIG_PASSPHRASE+x}${PULUMI_CONFIG_PASSPHRASE_FILE+x}" ] || [ -f .state/passphrase ]; then return; fi
  if grep -qs '^encryptionsalt:' "$settings_file"; then
    fail "the passphrase of the stack $STACK is gone: its secrets cannot be read without it" \
      "Put .state/passphrase back from your backup, or set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE."
  fi
  mkdir -p .state
  (
    umask 077
    head -c 24 /dev/urandom | base64 >.state/passphrase.new
  )
  mv .state/passphrase.new .state/passphrase
  echo "Made a passphrase for the secrets in state: .state/passphrase (keep it: without it they are lost)"
}

ensure_stack() {
  ensure_passphrase
  if state_here; then
    # The quick look spares a run of Pulumi.
    if [ -f "$stacks/$STACK.json" ]; then return; fi
    if [ -f "$stacks/$STACK.json.bak" ]; then
      fail "the state of the stack $STACK is gone; an older one is there. To go on from it:" \
        "cp $stacks/$STACK.json.bak $stacks/$STACK.json" \
        "To begin anew instead, remove what is left of it: rm $stacks/$STACK.json.*"
    fi
  fi
  PULUMIW_QUIET=1 ./pulumiw stack select --create "$STACK"
}
