#!/usr/bin/env bash
# `record --wait`, armed before the container exists: containers whose only program makes three calls are complete, and
# what else starts meanwhile is not in the file. Usage: record_wait.sh WHITTLE FOLDER-OF-record_calls [COUNT]
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
docker=/usr/bin/docker
"$docker" image inspect whittle-busybox > /dev/null 2>&1 || { echo "SKIPPED: needs docker with the image whittle-busybox"; exit 77; }
whittle=$1 programs=$2 count=${3:-3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
for i in $(seq "$count"); do
  name=whittle-wait-$$-$i
  rm -f "$folder/log"
  timeout 60 "$whittle" record --container "$name" --wait -o "$folder/a.json" 2> "$folder/log" &
  recorder=$!
  for _ in $(seq 100); do grep -qs armed "$folder/log" && break; sleep 0.1; done
  "$docker" run --rm --name "$name-other" --network none whittle-busybox true > /dev/null &
  other=$!
  "$docker" run --rm --name "$name" --network none -v "$programs:/t:ro" --security-opt seccomp=unconfined whittle-busybox \
    /t/record_calls n:39 > /dev/null
  wait "$recorder"
  code=$?
  wait "$other"
  calls=$("$whittle" show "$folder/a.json" --calls | cut -f 1,2,4 | tr '\t\n' '  ')
  gaps=$("$whittle" show "$folder/a.json" --gaps)
  expected="$name /t/record_calls exit_group $name /t/record_calls getpid $name /t/record_calls mmap "
  if [ "$code" = 0 ] && [ "$calls" = "$expected" ] && [ -z "$gaps" ]; then
    echo "ok: container $i is complete"
  else
    echo "NOT ok: container $i: exit code $code, calls: $calls, gaps: $gaps"
    cat "$folder/log"
    failures=$((failures + 1))
  fi
done
exit "$failures"
