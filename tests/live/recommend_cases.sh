#!/usr/bin/env bash
# What `whittle recommend` says of ls and chmod, held against lives under some profiles of the catalogue: the reduced form of
# scripts/lib/advice-accept-recommend.sh, which has all servers and profiles. No server here: two lives of one under a short load on a
# busy host do not always make the same calls, and what was not recorded nobody can foresee. Usage: recommend_cases.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
WHITTLE=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
. scripts/lib/common.sh
. scripts/lib/engine.sh
"$DOCKER" version > /dev/null 2>&1 || { echo "SKIPPED: needs docker"; exit 77; }
. scripts/lib/advice-accept-recommend.sh
export SERVER_CYCLES=1 ADVICE_PROFILES=few
folder=$(mktemp -d /tmp/wrc.XXXXXX)
cleanup() {
  for name in ls chmod; do server_remove "$name"; done
  rm -rf "$folder"
}
trap cleanup EXIT
status=0
for name in ls chmod; do
  recommend_holds_for "$name" "$folder/$name" > "$folder/$name.log" 2>&1 && continue
  status=1
  echo "$name: not all of it holds"
  tail -20 "$folder/$name.log"
done
grep -h FAULT "$folder"/*/checked.tsv
cat "$folder"/*/checked.tsv | python3 "$advice_check" sum || status=1
exit "$status"
