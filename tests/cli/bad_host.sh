#!/usr/bin/env bash
# What the host, the user or the engine lacks: no root, no BTF, no such container. Needs root. Usage: bad_host.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cp "$1" "$folder/whittle"
whittle=$folder/whittle
cd "$folder" || exit 1

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all -- "$@"; }
without_btf() { unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"; }

expect 4 '(root|CAP_BPF).*doctor' as_nobody "$whittle" record -o /dev/null -- true
expect 4 'BTF.*doctor' without_btf "$whittle" record -o /dev/null -- true
expect 3 "no-such-container" "$whittle" record --for 1s -o /dev/null --container no-such-container
DOCKER_HOST=unix:///nowhere.sock CONTAINER_HOST=unix:///nowhere.sock expect 4 'nowhere.sock' \
  "$whittle" record --for 1s -o /dev/null --container anything

finish
