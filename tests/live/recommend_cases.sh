#!/usr/bin/env bash
# What `whittle recommend` says of ls, chmod and nginx, held against lives under some profiles of the catalogue: the reduced form of
# scripts/lib/advice-accept-recommend.sh, which has all servers and profiles. Two lives of a server under a short load on a busy host do not
# always make the same calls: refusals of what was not recorded are printed, and fail nothing. Usage: recommend_cases.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
WHITTLE=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
. scripts/lib/common.sh
. scripts/lib/engine.sh
"$DOCKER" version > /dev/null 2>&1 || { echo "SKIPPED: needs docker"; exit 77; }
command -v nginx > /dev/null && command -v curl > /dev/null || { echo "SKIPPED: needs nginx and curl"; exit 77; }
. scripts/lib/advice-accept-recommend.sh
export SERVER_CYCLES=1 ADVICE_PROFILES=few
folder=$(mktemp -d /tmp/wrc.XXXXXX)
cleanup() {
  for name in ls chmod nginx; do server_remove "$name"; done
  rm -rf "$folder"
}
trap cleanup EXIT
status=0
for name in ls chmod nginx; do
  recommend_holds_for "$name" "$folder/$name" > "$folder/$name.log" 2>&1 && continue
  status=1
  echo "$name: not all of it holds"
  tail -20 "$folder/$name.log"
done
grep -h FAULT "$folder"/*/checked.tsv
cat "$folder"/*/checked.tsv | python3 "$advice_check" sum || status=1
exit "$status"
