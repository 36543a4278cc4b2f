#!/usr/bin/env bash
# `whittle denials --keep` on real containers: what was refused to one is known to `why` after it is gone; a watcher that
# is killed loses nothing that was written, and the next one goes on; a full disk is told, and is no end.
# Usage: denials_keep.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/scripts/lib/common.sh"
. "$here/scripts/lib/engine.sh"
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
folder=$(mktemp -d /tmp/wdk.XXXXXX)
cd "$folder" || exit 1
watch=
cleanup() {
  [ -z "$watch" ] || kill -9 "$watch" 2> /dev/null
  "$DOCKER" rm -f "dk-$$-stays" > /dev/null 2>&1
  umount "$folder/small" 2> /dev/null
  rm -rf "$folder"
}
trap cleanup EXIT
failures=0
check() {
  if eval "$2"; then echo "ok: $1"; else echo "NOT ok: $1"; failures=$((failures + 1)); fi
}
# until_true CONDITION: waits up to ten seconds for it.
until_true() {
  for _ in $(seq 100); do eval "$1" && return 0; sleep 0.1; done
  return 1
}

profile() { # NAME ACTION CALLS
  printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [%s], "action": "%s"}]}' "$3" "$2" > "$1.json"
}
profile errno SCMP_ACT_ERRNO '"mkdir", "mkdirat"'
profile kill SCMP_ACT_KILL_PROCESS '"mkdir", "mkdirat"'
profile capset SCMP_ACT_ERRNO '"capset"'
profile capset-kill SCMP_ACT_KILL_PROCESS '"capset"'

# begin STORE: watches into a store, and waits until it does. It says in the file watch.err what it says.
begin() {
  : > watch.err  # of an earlier one
  "$whittle" denials --keep "$1" > watch.out 2> watch.err &
  watch=$!
  until_true 'grep -q ^armed watch.err' || { cat watch.err; exit 1; }
}
run() { # NAME PROFILE COMMAND...
  local name=dk-$$-$1 security=$2
  shift 2
  "$DOCKER" run --rm --name "$name" --network none --security-opt "seccomp=$security.json" whittle-busybox "$@" > /dev/null 2>&1
}
# file_of NAME [STORE]: its file in the store.
file_of() { grep -ls "\"dk-$$-$1\"" "${2:-store}"/*.json; }
ended() { [ -n "$(file_of "$@")" ] && grep -q '"ended": true' "$(file_of "$@")"; }
# field NAME EXPRESSION [STORE]: of the life's document d.
field() { python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$(file_of "$1" "${3:-store}")"; }
first_cause() { # NAME [STORE]
  "$whittle" why "dk-$$-$1" --kept "${2:-store}" --json 2> /dev/null | python3 -c '
import json, sys
c = json.load(sys.stdin)["causes"][0]
print(c["kind"], c["calls"][0])'
}

begin store
check "the folder is root's alone" '[ "$(stat -c %a store)" = 700 ]'
check "a second watcher into it is refused" '! "$whittle" denials --keep store --for 1s 2> second && grep -q another second'
run errno errno sh -c 'busybox mkdir /x; busybox mkdir /x; exit 5'
run kill kill busybox mkdir /x
run capset capset true
run capset-kill capset-kill true
for name in errno kill capset capset-kill; do
  check "$name: its life is kept to its end" "until_true 'ended $name'"
  check "$name: docker has forgotten it" "! \"$DOCKER\" inspect dk-$$-$name > /dev/null 2>&1"
  check "$name: seen from its start, with no gap" '[ "$(field $name "d[\"from_start\"], d[\"gaps\"], d[\"dropped\"]")" = "True [] 0" ]'
done
check "why: refused to the workload" '[ "$(first_cause errno)" = "workload-refused mkdir" ]'
check "why: the workload was killed" '[ "$(first_cause kill)" = "workload-refused mkdir" ]'
check "why: refused to the runtime" '[ "$(first_cause capset)" = "runtime-refused capset" ]'
check "why: the runtime was killed" '[ "$(first_cause capset-kill)" = "runtime-refused capset" ]'
check "both refusals are counted" '[ "$(field errno "[(r[\"call\"], r[\"count\"], r[\"errno\"]) for r in d[\"refused\"]]")" = "[('"'mkdir', 2, 'EPERM'"')]" ]'
check "what the workload did is in it" '[ "$(field errno "any(s[\"call\"] == \"write\" for s in d[\"first_seen\"])")" = True ]'
check "nothing of the workload was seen where the runtime failed" '[ "$(field capset "d[\"first_seen\"]")" = "[]" ]'

# Killed while a container runs.
run stays errno sh -c 'busybox mkdir /x; while [ ! -e /go ]; do sleep 0.2; done; busybox mkdir /x; busybox rmdir /nothing; sleep 300' &
client=$!
check "a running container is kept before it ends" 'until_true "[ -n \"\$(file_of stays)\" ] && grep -q mkdir \"\$(file_of stays)\""'
kill -9 "$watch"
wait "$watch" 2> /dev/null
before=$(file_of stays)
check "what the killed watcher wrote is whole, and no end" '[ "$(field stays "d[\"ended\"], d[\"refused\"][0][\"count\"]")" = "False 1" ]'
check "nothing half written is left in the way" '"$whittle" why "dk-$$-stays" --kept store > /dev/null 2>&1'
begin store
"$DOCKER" cp kill.json "dk-$$-stays:/go" > /dev/null
refused_twice() { [ "$(field stays 'd["refused"][0]["count"]')" = 2 ]; }
check "the next one goes on with the life" 'until_true refused_twice'
check "in the same file" '[ "$(file_of stays)" = "$before" ]'
check "which says that nobody watched meanwhile" 'grep -q "nobody watched from" "$before"'
check "and that it was seen from its start" '[ "$(field stays "d[\"from_start\"]")" = True ]'
kill -INT "$watch"
wait "$watch"
check "a watch that ends says that the life goes on" '[ "$(field stays "d[\"ended\"]")" = False ]'
"$DOCKER" rm -f "dk-$$-stays" > /dev/null 2>&1
wait "$client" 2> /dev/null
check "why: says how far it was watched" '"$whittle" why "dk-$$-stays" --kept store | tr -s " \n" " " | grep > /dev/null "the watch ended before the container did"'

# A full disk: told, tried again, and nothing else waits for it.
mkdir small
mount -t tmpfs -o size=64k none small && {
  begin small/store
  head -c 1M /dev/zero > small/filler 2> /dev/null
  run full errno busybox mkdir /x
  check "a full disk is told" 'until_true "grep -q \"refusals are not kept for now\" watch.err"'
  rm small/filler
  check "and what waited is written when there is room" 'until_true "ended full small/store"'
  check "with all that is in it" '[ "$(first_cause full small/store)" = "workload-refused mkdir" ]'
  check "which is told, too" 'grep -q "refusals are kept again" watch.err'
  kill -INT "$watch"
  wait "$watch"
}
watch=
mkdir -p locked && mount -t tmpfs -o ro none locked 2> /dev/null && {
  "$whittle" denials --keep locked --for 1s 2> ro.err
  check "a folder that cannot be written is an error" '[ $? = 3 ] && grep -q "^error: .*locked" ro.err'
  umount locked
}
exit "$failures"
