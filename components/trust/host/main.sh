# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what the parts read, and what on-host.sh's variables set
# The script for hosts: on-host.sh sends variables, the parts, this file, and a last line that calls `main`, so that
# one that is cut off does nothing. Runs with dash, busybox and the bash 4.1 of CentOS 6.
#
#   main install GENERATION   trust the CA of $pem alone, prove it, then put GENERATION on record
#   main add                  trust it beside what is trusted now: before the registry shows a new certificate
#   main remove               everything as it was before us, unless the host has another name in the settings by now
#   main probe                prints the generation on record, or what is missing; changes nothing
#   main verify               proves it anew; changes nothing
#
# Lines for people, and results as "= KEY<TAB>VALUE", the last of which is `done`. Exit codes: 1 failed (the tool's own words say why), 4 the
# registry is refused, 5 nothing here can verify TLS, 6 something is missing or edited, 7 docker login failed,
# 8 another run is at work, 9 no systemd for the proxy, 10 unknown system.

result() { printf '= %s\t%s\n' "$1" "$2"; }

require_known_system() {
  if [ "$store" != none ]; then return 0; fi
  find_system
  say "the system is unknown: $system. Known are CentOS, RHEL and their kin from 6 on, Fedora, Amazon Linux," \
    "Debian, Ubuntu, openSUSE and Alpine (with its package ca-certificates)"
  exit 10
}

results() {
  find_system
  find_certificate
  fingerprint_of "$pem"
  result system "$system"
  result store "$bundle"
  result authority "$fingerprint"
  result places "$wanted"
  result proof "$prove_by: https://$name/v2/ answered 401 over TLS verified against $bundle"
  result certificate "${certificate:-not known: openssl, python3 or curl 7.88 can tell it}"
  result expires "$expires"
}

write_record() {
  if [ ! -d "$record" ]; then mkdir -p "$record"; fi
  sweep
  # Until it is proved anew.
  : >"$record/generation"
  # The owner first: without one it might be taken for a record of local-trust.sh.
  printf '%s\n' "$owner" >"$record/owner"
  printf '%s\n' "$name" >"$record/name"
  printf '%s\n' "$address" >"$record/address"
}

refuse_edited() {
  refuse_edited_lines=$(absent_places)
  if [ -z "$refuse_edited_lines" ]; then return 0; fi
  say "changed by somebody else, and without the CA: $(printf '%s\n' "$refuse_edited_lines" | cut -f 2 | tr '\n' ' ')." \
    "Nothing of it is overwritten: take the file away, or put the CA in"
  exit 6
}

# take_over: what scripts/local-trust.sh has put on this machine, as it is: the record has the same form.
take_over() {
  if [ ! -d "$record" ] && [ -d "$local_record" ]; then mv "$local_record" "$record"; fi
}

install() {
  require_known_system
  require_systemd
  require_whole
  take_over
  write_record
  drop_other_login
  put_places
  drop_other_places
  put_hosts
  store_put
  printf '%s\n' "$pem" >"$record/ca.pem"
  refuse_edited
  prove
  docker_restart
  docker_login
  results
  printf '%s\n' "$generation" >"$record/generation"
}

add() {
  read_value ca.pem
  # Nothing rests on the old CA here.
  if [ -z "$value" ] || [ "$value" = "$pem" ]; then return 0; fi
  next=$pem pem=$value
  all_pem=$pem$nl$next
  read_value name
  name=$value
  read_value address
  address=$value
  list_places
  require_whole
  write_record
  put_places
  store_put
  refuse_edited
  if ! in_bundle; then
    say "$bundle has not taken in the new CA"
    exit 1
  fi
  fingerprint_of "$next"
  result added "$fingerprint"
}

# is_of_another: since the host was renamed in the settings, or has another address there. An old state names no owner.
is_of_another() {
  read_value owner
  [ -n "$value" ] && [ "$value" != "${owner-}" ]
}

remove() {
  if is_of_another; then
    say "left as it is: this machine is now the host $value of the stack $stack"
    return 0
  fi
  if [ ! -d "$record" ] && { [ -d "$local_record" ] || ! has_block "$root/etc/hosts"; }; then
    # A run that was ended at its last step has left it.
    if [ -d "$records" ]; then drop_records; fi
    return 0
  fi
  require_whole
  sweep
  docker_logout
  undo_all
  docker_restart
  remove_record
}

# probe is asked before anybody knows which CA there will be; a changed one is a change by itself.
probe() {
  read_value ca.pem
  if [ -n "$value" ]; then pem=$value all_pem=$value; fi
  if [ ! -s "$record/generation" ]; then return 0; fi
  require_whole
  probe_lines=$(
    absent_places
    absent_login
    if ! in_bundle; then printf 'missing\t%s\n' "the CA in $bundle"; fi
    if ! hosts_line_is_right; then printf 'missing\t%s\n' "the registry's line in /etc/hosts"; fi
  )
  if [ -z "$probe_lines" ]; then
    read_value generation
    result generation "$value"
  else
    printf '%s\n' "$probe_lines" | sed 's/^/= /'
  fi
}

verify() {
  verify_lines=$(absent_places && absent_login)
  if [ -n "$verify_lines" ]; then
    say "not as it was left: $(printf '%s\n' "$verify_lines" | tr '\t\n' ' ;' | sed 's/;$//')"
    exit 6
  fi
  prove
  results
}

main() {
  verb=$1 generation=${2-} program=private-registry
  set -eu
  umask 022
  LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export LC_ALL PATH
  root='' records=/var/lib/private-registry
  record=$records/$stack folders=$records/folders
  next='' all_pem=$pem containers=yes containerd=yes
  proxy_file=/etc/systemd/system/docker.service.d/private-registry-$stack.conf
  case $verb in
    install | add | remove)
      lock
      # That of another stack's local-trust.sh, which this one is called as.
      if is_local "$record"; then mv "$record" "$records/local:${stack#local-trust-}"; fi
      ;;
    probe | verify) ;;
    *) refuse "\"$verb\" is not a command" ;;
  esac
  find_local
  find_store
  list_places
  "$verb"
  result "done" "$verb"
}
