#!/usr/bin/env bash
# Nothing is lost in silence: the reduced form of `scripts/accept denials nothing-lost`. Few containers, few kills.
# Usage: record_lost.sh WHITTLE FOLDER-OF-record_calls
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
DOCKER=/usr/bin/docker
"$DOCKER" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
WHITTLE=$1 programs=$2
cd "$(dirname "$0")/../.." || exit 5
. scripts/lib/common.sh
. scripts/lib/record-lost.sh
lost=$(mktemp -d)
trap 'rm -rf "$lost"' EXIT
failures=0
check() {
  if eval "$2"; then echo "ok: $1"; else echo "NOT ok: $1"; failures=$((failures + 1)); fi
}
gaps() { "$WHITTLE" show --gaps "$1" | cut -f 2 | sort -u | paste -sd ' '; }

lost_image

# Stopped, and its ring overrun meanwhile: the calls are all there, and it says so.
lost_begin
lost_recorder "$lost/stopped.json" || exit 1
kill -STOP "$lost_pid"
lost_storm 1500
lost_start 1 2 2
sleep 6
kill -CONT "$lost_pid"
lost_end
check "calls made while the reader was stopped are all there" 'lost_judge "$lost/stopped.json"'
check "that it was stopped, and that events were lost, is said" '[ "$(gaps "$lost/stopped.json")" = "events-lost reader-stopped" ]'

# Killed, and started again, while a container runs.
lost_begin
lost_recorder "$lost/killed.json" || exit 1
for round in 1 2 3; do
  lost_start "$round$round" 1 1
  kill -KILL "$lost_pid"
  wait "$lost_pid" 2> /dev/null
  [ "$round" != 1 ] || check "its maps are still there" '[ -n "$(lost_pins "$lost/killed.json")" ]'
  lost_start "$round" 1 1
  lost_recorder "$lost/killed.json" || exit 1
done
lost_start 9 1 1
lost_end
check "what was seen until a kill is all there, what was not is said" 'lost_judge "$lost/killed.json"'
check "each kill is a gap with its times" '[ "$("$WHITTLE" show --gaps "$lost/killed.json" | cut -f 2,4 | sort -u | grep -cE "^killed.*from .*Z to .*Z")" = 3 ]'

# A container that comes and goes while the recorder cannot see whose it is, and then it is killed.
lost_begin
lost_recorder "$lost/unheard.json" || exit 1
kill -STOP "$lost_pid"
lost_start 5 1 1
kill -KILL "$lost_pid"
wait "$lost_pid" 2> /dev/null
lost_recorder "$lost/unheard.json" || exit 1
lost_end
check "a container that was gone before anybody asked is named by docker's events" '[ "$(gaps "$lost/unheard.json")" = "killed not-started" ]'
check "and all of its calls are there" '"$WHITTLE" show --calls "$lost/unheard.json" | grep > /dev/null "#605"'
check "no maps are left" '[ -z "$(lost_pins "$lost/killed.json")$(lost_pins "$lost/unheard.json")" ]'
exit "$failures"
