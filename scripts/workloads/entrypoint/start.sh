#!/bin/bash
# What entry points of images do before they become the program: settings from the environment and from files, templates, owners,
# users, waiting for others; by bash, dash and small tools. Usage: start.sh FOLDER
set -euo pipefail
folder=$1
export LC_ALL=C
cd "$folder"
{
  file_env() { local name=$1; if [ -e "$folder/secret" ]; then printf -v "$name" %s "$(< "$folder/secret")"; export "${name?}"; fi; }
  file_env PASSWORD
  echo "password ${#PASSWORD}"
  [ "$(id -u)" = 0 ] && echo root
  mkdir -p state/run && chmod 700 state && find state \! -user app -exec chown app '{}' +
  chown -R app:app state && ls -ld state | cut -d' ' -f3
  for file in init/*; do case "$file" in *.sh) . "$file" ;; *.txt) sed -e "s/@NAME@/${NAME:-nobody}/g" "$file" > "state/$(basename "$file")" ;; esac; done
  cat state/one.txt
  awk -v n="$(nproc)" 'BEGIN { print (n > 0) }'
  envsubst < init/two.txt 2> /dev/null | head -1 || true
  grep -q nameserver /etc/resolv.conf 2> /dev/null || echo 'no resolver'
  hostname > /dev/null; date +%s > /dev/null; sleep 0.1
  touch state/log && ln -sf /dev/stdout state/access.log && readlink state/access.log
  dash -c 'set -e; for word in "$@"; do echo "$word"; done; exec echo last' dash a b
  busybox sh -c 'cp -r init copied; ls copied | wc -l; rm -r copied; test -t 0 || echo no terminal'
  (echo > "/dev/tcp/127.0.0.1/1") 2> /dev/null || echo 'nobody listens yet'
  timeout 1 tail -f state/log > /dev/null || echo "tail $?"
  head -c 16 /dev/urandom | base64 | wc -c
  ulimit -n 1024; umask 027
  gosu app id -un
  setpriv --reuid=app --regid=app --clear-groups id -un
  dumb-init sh -c 'echo under dumb-init'
  tini -s -- sh -c 'echo under tini'
} > "$folder/out" 2> "$folder/errors"
exec gosu app bash -c 'trap "exit 0" TERM; sleep 1 & wait'
