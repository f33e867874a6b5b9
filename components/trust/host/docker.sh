# shellcheck shell=sh
# shellcheck disable=SC2154 # login_user, login_password, login_account, restart and the like are the caller's
# What is done with the host's Docker, and only when it is asked for.

account_home() { awk -F : -v n="$login_account" '$1 == n { print $6 }' /etc/passwd; }

login_file() { printf '%s/.docker/config.json' "$(account_home)"; }

# as_account SCRIPT: runs it as the account whose Docker is to be logged in.
as_account() {
  if [ "$login_account" = root ]; then HOME=$(account_home) sh -c "$1"; else su -s /bin/sh -c "$1" "$login_account"; fi
}

logged_in() {
  grep -qF "$(printf '%s:%s' "$login_user" "$login_password" | base64 | tr -d '\n')" "$(login_file)" 2>/dev/null
}

# docker_login: the password goes by stdin; printf is the shell's own, so that it is in no process list.
docker_login() {
  if [ -z "$login_user" ] || logged_in; then return 0; fi
  if ! has docker; then
    say "no docker command here: the login of $login_user is left out"
    return 0
  fi
  if [ -z "$(account_home)" ]; then
    say "there is no account $login_account here to log in with Docker"
    exit 7
  fi
  docker_login_file=$(login_file)
  if [ -z "$(recorded_sum "$docker_login_file")" ]; then
    if [ -e "$docker_login_file" ]; then cp -pP "$docker_login_file" "$(saved "$docker_login_file")"; fi
    if [ ! -d "$(dirname "$docker_login_file")" ]; then printf '%s\n' "$(dirname "$docker_login_file")" >>"$folders"; fi
    remember - "$docker_login_file"
  fi
  if ! docker_login_said=$(printf '%s' "$login_password" |
    as_account "docker login --username '$login_user' --password-stdin '$name'" 2>&1); then
    say "docker login of $login_user: $(printf '%s\n' "$docker_login_said" | tail -n 1)"
    exit 7
  fi
  remember "$(digest "$docker_login_file")" "$docker_login_file"
  echo "login    $login_user, for the account $login_account"
}

absent_login() {
  if [ -n "$login_user" ] && has docker && ! grep -qsF "\"$name\"" "$(login_file)"; then
    printf 'missing\t%s\n' "the login in $(login_file)"
  fi
}

# docker_logout: before the file is undone, in case somebody has logged in elsewhere with it since.
docker_logout() {
  if [ -z "$login_user" ]; then return 0; fi
  docker_logout_file=$(login_file)
  if [ -f "$docker_logout_file" ] && [ "$(digest "$docker_logout_file")" != "$(recorded_sum "$docker_logout_file")" ]; then
    as_account "docker logout '$name'" >/dev/null 2>&1 || true
  fi
}

# docker_restart: Docker reads the system's store, and its proxy, only when it starts.
docker_restart() {
  if [ -z "$changed" ]; then return 0; fi
  if [ -n "$proxy" ] && has systemctl; then systemctl daemon-reload || true; fi
  if [ "$restart" != yes ] || ! has docker; then return 0; fi
  if [ -d /run/systemd/system ]; then systemctl restart docker; else service docker restart; fi >/dev/null
  echo "restarted docker"
}
