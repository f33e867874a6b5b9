#!/bin/sh
# Trust on hosts, by this program and by what else there is, in one run. Prints a Markdown table of ratios.
# HOSTS=n hosts to compare on (default 20), REPEAT=n rounds (default 3), SCALE="1 10 50 100" numbers of hosts to time.
set -eu
cd -- "$(dirname -- "$0")/../.."

# Ansible in a folder of its own: nothing of this machine's Python is touched.
ansible=${XDG_CACHE_HOME:-$HOME/.cache}/private-registry/ansible-2.14.18
if [ ! -x "$ansible/bin/ansible-playbook" ]; then
  if ! { python3 -m venv "$ansible" && "$ansible/bin/pip" install --quiet ansible-core==2.14.18; } >/dev/null 2>&1; then
    rm -rf "$ansible"
    echo "left out: Ansible cannot be installed on this machine (python3 with venv, and PyPI)"
    exit 0
  fi
fi
ANSIBLE=$ansible/bin/ansible-playbook exec node --import tsx bench/trust/bench.ts
