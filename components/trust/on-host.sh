#!/bin/sh
# Runs the script in host/ on one host, over SSH or on this machine, within a deadline.
#
#   on-host.sh install|add|remove|probe|verify   see host/main.sh
#
#   HOST    the host's name in the settings, for messages
#   TARGET  ssh, or local: this machine
#   USER_   account there; root, or one with sudo that asks for no password
#   GENERATION  for install: what the host is to keep on record, and probe to find
#   TRUST_DEADLINE  seconds for everything; default: 45 to look, 180 to change
#   CONNECTION  a name made of all that the connection is made with, keys and host keys included; for ssh
#   KEYS    given: they come by stdin; own: those that ssh finds by itself, in ~/.ssh and the user's agent
#   stdin   private keys, each ended by a line with a dot; a line with a dot; known_hosts and ssh_config, ended in
#           the same way; then the variables of the script
#
# stdout: the results, "KEY<TAB>VALUE"; stderr: what was done. Where it fails, the results are `failed<TAB>REASON:
# words` and the exit code is 0, for one bad host must not end the run: who asks decides. remove and add are
# other: what could not be taken back must stay in the state, and without the new CA on every host the registry keeps
# its certificate. FORGET="NAME…" gives up what is to be removed from hosts that are gone for good.
set -u
verb=$1
case $0 in
  /*) here=${0%/*}/host ;;
  */*) here=$PWD/${0%/*}/host ;;
  *) here=$PWD/host ;;
esac
case $verb in
  probe | verify) deadline=45 ;;
  *) deadline=180 ;;
esac
deadline=${TRUST_DEADLINE:-$deadline}

# Keys live in an agent of this run's own: neither in a file nor in a command line. It ends with this script, also
# when that is killed.
if [ "$KEYS" = given ] && [ "${OWN_AGENT-}" = "" ]; then
  OWN_AGENT=yes exec ssh-agent sh "$0" "$@"
fi

# section: stdin up to the next line with a dot.
section() {
  while IFS= read -r line && [ "$line" != . ]; do printf '%s\n' "$line"; done
}

work=$(mktemp -d) || exit
trap 'rm -rf "$work"; if [ "$KEYS" = given ]; then kill "$SSH_AGENT_PID" 2>/dev/null; fi' EXIT
running=''
trap 'if [ -n "$running" ]; then kill "$running" 2>/dev/null; fi; exit 143' TERM INT HUP
failed='' code=0
while key=$(section) && [ -n "$key" ]; do
  if ! printf '%s\n' "$key" | ssh-add -q - 2>"$work/err"; then
    failed="private key: it cannot be read: $(tail -n 1 "$work/err")"
  fi
done
section >"$work/known_hosts"
section >"$work/config"

# sharing: ssh's options for one connection a host, which the questions before a change and the change share; it stays for
# a minute after the last of them, without the keys. Where the folder for its socket is not this user's own, or its path
# is not for a socket, each has a connection of its own.
sharing() {
  user=$(id -u)
  sockets=${XDG_RUNTIME_DIR:-/tmp}/private-registry-ssh-$user
  case $sockets in
    *[!A-Za-z0-9/._-]* | ??????????????????????????????????????????????????*) return 0 ;;
    *) ;;
  esac
  if [ ! -d "$sockets" ]; then mkdir -m 700 "$sockets" 2>/dev/null; fi
  if [ -z "$(find "$sockets" -prune -type d -user "$user" -perm 700 2>/dev/null)" ]; then return 0; fi
  echo "-o ControlMaster=auto -o ControlPersist=60 -o ControlPath=$sockets/$CONNECTION"
}

script() {
  cat - "$here"/*.sh
  printf 'main %s %s\n' "$verb" "${GENERATION-}"
}

# The whole script is read before any of it runs, so that a connection that breaks off does nothing. The deadline holds
# over there, too, where timeout is (and takes seconds without -t, unlike old versions of busybox's): what hangs must not
# keep the lock.
# shellcheck disable=SC2016 # expanded over there
bounded='if timeout 1 true 2>/dev/null; then exec timeout '$((deadline - 5))' sh -c "eval \"\$(cat)\""; fi; eval "$(cat)"'
shell="sh -c '$bounded'"
if [ "$USER_" != root ]; then shell="sudo -n $shell"; fi
# In the background, so that a signal ends it at once; there, stdin has to be said.
exec 3<&0
if [ -n "$failed" ]; then
  code=1
else
  if [ "$TARGET" = local ]; then
    if [ "$(id -u)" = 0 ]; then shell=${shell#sudo -n }; fi
    script <&3 | timeout -k 5 "$deadline" sh -c "$shell" >"$work/out" 2>"$work/err" 3<&- &
  else
    # shellcheck disable=SC2046 # options
    script <&3 | (cd "$work" && exec timeout -k 5 "$deadline" ssh -F config $(sharing) target "$shell") >"$work/out" 2>"$work/err" 3<&- &
  fi
  running=$!
  wait "$running"
  code=$?
  running=''
fi

# answered: that our script ran to its end, and proved what it was to prove. An exit code of 0 is no answer: a host may
# have another command for this key.
answered() {
  done='' proof=''
  while IFS= read -r line; do
    case $line in
      "= done	$verb") done=yes ;;
      "= proof	"*) proof=yes ;;
      *) ;;
    esac
  done <"$work/out"
  case $verb in
    install | verify) [ -n "$done" ] && [ -n "$proof" ] ;;
    *) [ -n "$done" ] ;;
  esac
}

# tell: results to stdout, and words to stderr.
tell() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "= done	"*) ;;
      "= "*) printf '%s\n' "${line#= }" ;;
      *) printf '%s\n' "$line" >&2 ;;
    esac
  done <"$work/out"
  if [ -s "$work/err" ]; then cat "$work/err" >&2; fi
}

# Any other complaint of sudo's than of the host's own name, which it makes before it does what it is told.
sudo_refused() { grep -e '^sudo: ' -e 'sudo: .*not found' -e sudoers "$work/err" | grep -qv 'unable to resolve host'; }

# reason: what a person has to look at, from ssh's, sudo's and the tools' own words.
reason() {
  case $code in
    4) echo "handshake failed" && return ;;
    5) echo "no proof" && return ;;
    6) echo "not as it was left" && return ;;
    7) echo "docker login" && return ;;
    8) echo "busy" && return ;;
    9) echo "docker proxy" && return ;;
    10) echo "unknown system" && return ;;
    124 | 137) echo "no answer within $deadline s" && return ;;
    *) ;;
  esac
  case $(cat "$work/err") in
    *'Host key verification failed'* | *'REMOTE HOST IDENTIFICATION'* | *'no matching host key'*) echo "host key mismatch" ;;
    *'Permission denied (publickey'* | *'Too many authentication failures'*) echo "authentication" ;;
    *'Read-only file system'*) echo "read-only file system" ;;
    *'No space left on device'* | *'Disk quota exceeded'*) echo "disk full" ;;
    *sudo*) if sudo_refused; then echo "sudo"; else echo "failed"; fi ;;
    '') echo "unreachable: the connection broke off, or the host no longer answers" ;;
    *) if [ "$code" = 255 ]; then echo "unreachable"; else echo "failed"; fi ;;
  esac
}

# Without the control characters that a hostile host may send to a person's terminal.
words() { tr -d '\000-\010\013-\037\177' <"$work/err" | grep . | tail -n 3 | tr '\n' ' ' | sed 's/ $//'; }

if [ "$code" = 0 ] && ! answered; then
  code=1 failed="no answer: the command ended well and did nothing that was asked; is another one forced for this key?"
fi
if [ "$code" = 0 ]; then
  tell
  exit 0
fi
if [ -z "$failed" ]; then
  failed=$(reason) said=$(words)
  failed=$failed${said:+: $said}
fi
if [ "$verb" = add ]; then
  printf '%s: %s\nThe registry keeps its certificate until every host trusts the new CA, or is no longer in the settings.\n' \
    "$HOST" "$failed" >&2
  exit 1
fi
if [ "$verb" != remove ]; then
  printf 'failed\t%s\n' "$failed"
  printf '%s: %s\n' "$HOST" "$failed" >&2
  exit 0
fi
case " ${FORGET-} " in
  *" $HOST "*)
    printf '%s: forgotten, with all that is on it (%s)\n' "$HOST" "$failed" >&2
    exit 0
    ;;
  *) ;;
esac
printf '%s: %s\nIf this host is gone for good, say so and repeat: make up FORGET=%s (or make destroy FORGET=%s)\n' \
  "$HOST" "$failed" "$HOST" "$HOST" >&2
exit 1
