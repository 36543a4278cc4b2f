#!/usr/bin/env bash
# In how many of the recordings was each call seen? Counted before merging. Usage: counts.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# recording ID CALL...: a replica that made these calls in its third epoch.
recording() {
  local id=$1 calls='' call
  shift
  for call in "$@"; do
    calls+="${calls:+,}{\"call\":\"$call\",\"fate\":\"allowed\",\"under_filter\":false,\"epochs\":{\"$id\":\"2\"}}"
  done
  printf '{"format":"whittle-evidence","version":2,"complete":true,"recordings":{"%s":{"source":"ebpf","kernel":"6.1","native":"x86_64",
    "target":"container shop","image":"","engine":"","runtime":"","refusals_watched":false,"exercised":[],"started_ms":0,"ended_ms":9000,
    "epoch_ms":1000,"epochs":9}},"subjects":[{"container":"shop","executable":"/bin/shop","arrival":"workload","calls":{"x86_64":[%s]}}],
    "gaps":[]}' "$id" "$calls" > "$id.json"
}

recording monday mmap futex
recording tuesday mmap
recording friday mmap setns
recording idle

# same EXPECTED COMMAND...: what it prints, tabs as blanks.
same() {
  local wanted=$1 got
  shift
  got=$("$@" 2> /dev/null | tr '\t\n' ' ;')
  checks=$((checks + 1))
  [ "$got" = "$wanted" ] || fault "printed '$got', expected '$wanted': $*"
}

three='x86_64 futex 1/3;x86_64 mmap 3/3;x86_64 setns 1/3;'
same "$three" "$whittle" merge monday.json tuesday.json friday.json --counts
same "$three" "$whittle" show monday.json tuesday.json friday.json monday.json --counts
"$whittle" merge monday.json tuesday.json -o two.json 2> /dev/null || fault "merge failed"
same "$three" "$whittle" merge two.json friday.json monday.json --counts
same 'x86_64 futex 1/3;x86_64 mmap 2/3;' "$whittle" show two.json idle.json --counts
expect 0 '^counted over 3 runs' "$whittle" merge two.json friday.json --counts
expect 0 '^merged 1 recording: 1 subject, 0 gaps$' "$whittle" merge monday.json
json=$("$whittle" show two.json --counts --json 2> /dev/null | tr -d ' \n')
checks=$((checks + 1))
case $json in
  *'"of":2,"names":["monday","tuesday"]'*'"call":"futex","seen":1,"in":["monday"]'*) ;;
  *) fault "JSON: $json" ;;
esac
expect 2 '-o FILE' "$whittle" merge two.json --counts -o -
expect 2 'per' "$whittle" show two.json --counts --per week

finish
