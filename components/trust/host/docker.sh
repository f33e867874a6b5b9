# shellcheck shell=sh
# shellcheck disable=SC2154 # login_user, login_password, login_account, restart and the like are the caller's
# What is done with the host's Docker, and only when it is asked for. Descriptor 9 holds the lock: daemons that are
# started here would keep it.

account_home() { awk -F : -v n="$1" '$1 == n { print $6 }' /etc/passwd; }

login_file() { printf '%s/.docker/config.json' "$(account_home "$1")"; }

# as_account ACCOUNT SCRIPT: runs it as the account whose Docker is to be logged in.
as_account() {
  if [ "$1" = root ]; then HOME=$(account_home root) sh -c "$2" 9<&-; else su -s /bin/sh -c "$2" "$1" 9<&-; fi
}

# logged_in: the password goes through pipes alone; printf is the shell's own, so that it is in no process list.
logged_in() {
  grep -qsF "\"$name\"" "$(login_file "$login_account")" &&
    printf '%s:%s' "$login_user" "$login_password" | base64 | tr -d '\n' | grep -qsF -f - "$(login_file "$login_account")"
}

# docker_login: the record has `login` (account, tab, registry) and `login.before` (the file before us, if there was).
docker_login() {
  if [ -z "$login_user" ] || logged_in; then return 0; fi
  if ! has docker; then
    say "no docker command here: the login of $login_user is left out"
    return 0
  fi
  if [ -z "$(account_home "$login_account")" ]; then
    say "there is no account $login_account here to log in with Docker"
    exit 7
  fi
  docker_login_file=$(login_file "$login_account")
  if [ ! -f "$record/login" ]; then
    if [ -e "$docker_login_file" ]; then cp -pP "$docker_login_file" "$record/login.before"; fi
    if [ ! -d "${docker_login_file%/*}" ]; then printf '%s\n' "${docker_login_file%/*}" >>"$folders"; fi
    printf '%s\t%s\n' "$login_account" "$name" >"$record/login"
  fi
  if ! docker_login_said=$(printf '%s' "$login_password" |
    as_account "$login_account" "docker login --username '$login_user' --password-stdin '$name'" 2>&1); then
    say "docker login of $login_user: $(printf '%s\n' "$docker_login_said" | tail -n 1)"
    exit 7
  fi
  echo "login    $login_user, for the account $login_account"
}

absent_login() {
  if [ -n "$login_user" ] && has docker && ! grep -qsF "\"$name\"" "$(login_file "$login_account")"; then
    printf 'missing\t%s\n' "the login in $(login_file "$login_account")"
  fi
}

# drop_other_login: the login on record, where the settings no longer have it.
drop_other_login() {
  read_value login
  if [ -z "$value" ] || { [ -n "$login_user" ] && [ "$value" = "$login_account$tab$name" ]; }; then return 0; fi
  docker_logout
}

# docker_logout: takes our login out and leaves all others. The file as it was comes back only where nothing else has
# been added to it since.
docker_logout() {
  read_value login
  if [ -z "$value" ]; then return 0; fi
  logout_account=${value%%"$tab"*} logout_name=${value#*"$tab"}
  logout_file=$(login_file "$logout_account")
  if grep -qsF "\"$logout_name\"" "$logout_file"; then
    if ! has docker; then
      say "no docker command here any more: the login for $logout_name stays in $logout_file"
    elif logout_said=$(as_account "$logout_account" "docker logout '$logout_name'" 2>&1); then
      echo "logout   $logout_name, for the account $logout_account"
    else
      say "docker logout $logout_name: $(printf '%s\n' "$logout_said" | tail -n 1)"
      exit 7
    fi
  fi
  if [ "$(plain_config "$logout_file")" = "$(plain_config "$record/login.before")" ]; then
    if [ -e "$record/login.before" ]; then restore "$record/login.before" "$logout_file"; else rm -f "$logout_file"; fi
  fi
  rm -f "$record/login" "$record/login.before"
}

# plain_config FILE: Docker's configuration without spaces, and without an empty list of logins.
plain_config() {
  if [ ! -f "$1" ]; then return 0; fi
  tr -d ' \t\r\n' <"$1" | sed 's/"auths":{},\{0,1\}//; s/,}$/}/; s/^{}$//'
}

require_systemd() {
  if [ -z "$proxy" ] || [ -d "$root/run/systemd/system" ]; then return 0; fi
  say "dockerProxy takes a host with systemd; /run/systemd/system is not there. Set Docker's proxy on this host by hand," \
    "and take dockerProxy out of its settings"
  exit 9
}

# docker_restart: Docker reads the system's store, and its proxy, only when it starts.
docker_restart() {
  if is_due reload; then
    if [ -d /run/systemd/system ]; then systemctl daemon-reload 9<&-; fi
    done_with reload
  fi
  if ! is_due restart; then return 0; fi
  if [ "$restart" = yes ] && has docker; then
    if [ -d /run/systemd/system ]; then systemctl restart docker 9<&-; else service docker restart 9<&-; fi >/dev/null
    echo "restarted docker"
  fi
  done_with restart
}
