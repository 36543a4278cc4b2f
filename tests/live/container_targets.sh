#!/usr/bin/env bash
# Every kind of target of `whittle record`, with real engines: all containers of an image, containerd (ctr), podman,
# cgroups with others below them, a process and its children. An engine that is not installed is skipped, and said.
# Usage: container_targets.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
. "$here/scripts/lib/podman.sh"
. "$here/scripts/lib/containerd.sh"
folder=$(mktemp -d /tmp/wct.XXXXXX)
checks=0 failures=0 recorder=
check() {
  checks=$((checks + 1))
  if eval "$2"; then echo "ok: $1"; else failures=$((failures + 1)); echo "NOT ok: $1"; cat "$folder/log"; fi
}
# Starts a recorder and waits until it is armed.
record() {
  rm -f "$folder/log"
  timeout 90 "$whittle" record "$@" -o "$folder/a.json" 2> "$folder/log" &
  recorder=$!
  local waited=0
  until grep -qsE 'armed|recording' "$folder/log" || [ "$waited" -gt 300 ]; do waited=$((waited + 1)); sleep 0.1; done
}
# Ends it as Ctrl-C does.
finish() { kill -INT "$(pgrep -P "$recorder" -x whittle)" 2> /dev/null; wait "$recorder"; code=$?; }
subjects() { "$whittle" show "$folder/a.json" --calls | cut -f 1 | sort -u | paste -sd' '; }
seen() { "$whittle" show "$folder/a.json" --calls | cut -f 2,4 | grep > /dev/null "$1"; }
lives() { python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["recordings"]))' "$folder/a.json"; }
gaps() { "$whittle" show "$folder/a.json" --gaps | cut -f 2 | sort -u | paste -sd' '; }
fact() { python3 -c 'import json,sys; print(*sorted({r[sys.argv[2]] for r in json.load(open(sys.argv[1]))["recordings"].values()}))' \
  "$folder/a.json" "$1"; }

# Images come from docker's, which scripts/test made.
docker_image() { [ -s "$folder/image.tar" ] || "$DOCKER" save whittle-busybox -o "$folder/image.tar"; }

if "$DOCKER" image inspect whittle-busybox > /dev/null 2>&1; then
  docker_image
  "$DOCKER" run -d --name "wct-$$" --network none --security-opt seccomp=unconfined whittle-busybox sh -c 'while sleep 0.2; do ls /; done' > /dev/null
  record --image whittle-busybox
  for _ in 1 2 3; do "$DOCKER" run --rm --network none --security-opt seccomp=unconfined whittle-busybox uname > /dev/null; done
  "$DOCKER" exec "wct-$$" id > /dev/null
  sleep 1.5
  "$DOCKER" rm -f "wct-$$" > /dev/null
  finish
  check "docker: four containers of an image are one subject" '[ "$(subjects)" = "whittle-busybox:latest" ]'
  check "docker: and four recordings at least" '[ "$(lives)" -ge 4 ]'
  check "docker: the one that ran already says so, no other gap" '[ "$(gaps)" = late-attach ]'
  check "docker: a short container is seen from its first call" 'seen "uname"'
  id=$("$DOCKER" image inspect -f '{{.Id}}' whittle-busybox)
  record --image "${id:0:19}"
  "$DOCKER" run --rm --network none --security-opt seccomp=unconfined whittle-busybox true > /dev/null
  sleep 1
  finish
  check "docker: an image by a prefix of its digest has the tag's name" '[ "$(subjects)" = "whittle-busybox:latest" ]'
else
  echo "SKIPPED: docker with the image whittle-busybox (scripts/test makes both)"
fi

if command -v containerd > /dev/null && command -v ctr > /dev/null && [ -s "$folder/image.tar" ]; then
  image=docker.io/library/whittle-busybox:latest
  containerd_up_crun "$folder/ctrd"
  containerd_image "$image" "$folder/image.tar"
  for runtime in /usr/sbin/runc /usr/bin/crun; do
    [ -x "$runtime" ] || { echo "SKIPPED: containerd with $runtime"; continue; }
    record --container wct-short --wait
    ctr run --rm --runc-binary "$runtime" "$image" wct-short uname > /dev/null
    wait "$recorder"
    code=$?
    check "containerd: a short container is complete (${runtime##*/})" '[ "$code $(subjects)" = "0 wct-short" ] && seen uname'
    check "containerd: its runtime is known" '[ "$(fact runtime | cut -d" " -f1)" = "${runtime##*/}" ]'
  done
  ctr run -d --runc-binary /usr/sbin/runc --cgroup "/wct-$$/odd" "$image" wct-long sleep 600
  record --image whittle-busybox
  ctr tasks exec --exec-id one wct-long id > /dev/null
  ctr run --rm --runc-binary /usr/sbin/runc "$image" wct-short uname > /dev/null
  sleep 1
  finish
  check "containerd: containers of an image, one in a cgroup of its own choice" \
    '[ "$(subjects)" = "whittle-busybox:latest" ] && seen getuid && seen uname && [ "$(lives)" -ge 2 ]'
  check "containerd: a name that is not there is an error that names those that are" \
    '! "$whittle" record --container wct-nobody --for 1s -o /dev/null 2> "$folder/log" && grep -q wct-long "$folder/log"'
  check "containerd: simulate finds it" '"$whittle" simulate container:default/wct-long read 2> "$folder/log" | grep > /dev/null UNCONFINED'
  containerd_remove wct-long
  containerd_down "$folder/ctrd"
  rmdir /sys/fs/cgroup/*/"wct-$$" 2> /dev/null
  unset CONTAINERD_ADDRESS
else
  echo "SKIPPED: containerd: needs containerd, ctr and the image of docker"
fi

if command -v podman > /dev/null && [ -x /bin/busybox ]; then
  podman_up "$folder/pod"
  mkdir -p "$folder/root/bin"
  cp /bin/busybox "$folder/root/bin/busybox"
  for name in sh sleep uname id; do ln -sf busybox "$folder/root/bin/$name"; done
  tar -C "$folder/root" -cf "$folder/root.tar" .
  podman_image wct "$folder/root.tar"
  record --container wct-pod --wait
  podman run --rm --name wct-pod --network none wct uname > /dev/null
  wait "$recorder"
  code=$?
  check "podman: a short container is complete" '[ "$code $(subjects)" = "0 wct-pod" ] && seen uname'
  check "podman: conmon is no part of it" '! "$whittle" show "$folder/a.json" --calls --arrived | grep > /dev/null conmon'
  record --image wct
  podman run -d --name wct-a --network none wct sleep 600 > /dev/null
  podman run --rm --network none wct id > /dev/null
  podman restart --time 0 wct-a > /dev/null
  sleep 1
  finish
  check "podman: an image's containers and their restarts are one subject, and a recording each" \
    '[ "$(subjects)" = "localhost/wct:latest" ] && [ "$(lives)" -ge 3 ]'
  podman_down "$folder/pod"
else
  echo "SKIPPED: podman: needs podman and /bin/busybox"
fi

# Cgroups: one below, made before; one made while it is recorded.
for mount in /sys/fs/cgroup/unified /sys/fs/cgroup/pids /sys/fs/cgroup; do
  [ -e "$mount/cgroup.procs" ] || continue
  tree=$mount/wct-$$
  mkdir -p "$tree/before"
  sh -c 'echo $$ > "$0/before/cgroup.procs"; sleep 2; mkdir "$0/later"; echo $$ > "$0/later/cgroup.procs"; uname > /dev/null; sleep 1' "$tree" &
  mover=$!
  sleep 0.3
  record --cgroup "/wct-$$"
  wait "$mover"
  finish
  check "cgroup: a tree with cgroups below ($mount)" '[ "$(subjects)" = "wct-$$" ] && seen uname && seen mkdir'
  rmdir "$tree/before" "$tree/later" "$tree"
done
check "cgroup: the root is refused" '"$whittle" record --cgroup / --for 1s -o /dev/null 2> "$folder/log"; [ $? = 3 ] && grep -q "every process" "$folder/log"'

sh -c 'sleep 2; (uname > /dev/null; sleep 0.5) & wait' &
process=$!
record --pid "$process"
wait "$recorder"
code=$?
check "process: its children are recorded, and its end ends the recording" '[ "$code" = 0 ] && seen uname'

rm -rf "$folder"
echo "$checks checks, $failures failures"
[ "$checks" -gt 0 ] && [ "$failures" = 0 ]
