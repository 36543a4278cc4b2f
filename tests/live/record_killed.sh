#!/usr/bin/env bash
# A recorder that is killed loses no more than a second, and the next start with the same -o says so by a gap.
# Usage: record_killed.sh WHITTLE
set -uo pipefail
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
whittle=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
file=$folder/a.json
failures=0
check() {
  if eval "$2"; then echo "ok: $1"; else echo "NOT ok: $1"; failures=$((failures + 1)); fi
}

"$whittle" record -o "$file" -- sleep 60 2> "$folder/log" &
recorder=$!
for _ in $(seq 100); do [ -s "$file.recording" ] && break; sleep 0.1; done
check "the journal is there after a second or two" '[ -s "$file.recording" ]'
check "it is evidence that says it is unfinished" '"$whittle" show --gaps "$file.recording" | grep > /dev/null unfinished'
child=$(pgrep -P "$recorder" -x sleep)
check "a second recorder into the same file is refused" '! "$whittle" record -o "$file" -- true 2> "$folder/second" && grep -q "another .whittle record." "$folder/second"'
kill -9 "$recorder"
wait "$recorder" 2>/dev/null
[ -z "$child" ] || kill -9 "$child"
check "nothing was written to the file itself" '[ ! -e "$file" ]'

"$whittle" record -o "$file" -- /bin/true 2> "$folder/log"
check "the next start succeeds" '[ $? = 0 ]'
check "its file has the gap" '"$whittle" show --gaps "$file" | grep > /dev/null killed'
check "no other gap" '[ "$("$whittle" show --gaps "$file" | wc -l)" = 1 ]'
check "it has what the killed one had seen" '"$whittle" show --calls "$file" | grep > /dev/null -E "sleep.*nanosleep"'
check "and what the new one saw" '"$whittle" show --calls "$file" | grep > /dev/null "/true.*exit_group"'
check "no journal is left" '[ -z "$(ls "$folder" | grep -E "recording|lock")" ]'

# Maps of another version: an older one did not have all of them.
file=$folder/b.json
"$whittle" record -o "$file" -- sleep 60 2> "$folder/log" &
recorder=$!
for _ in $(seq 100); do "$whittle" show --calls "$file.recording" 2> /dev/null | grep > /dev/null nanosleep && break; sleep 0.1; done
child=$(pgrep -P "$recorder" -x sleep)
kill -9 "$recorder"
wait "$recorder" 2>/dev/null
[ -z "$child" ] || kill -9 "$child"
pins=$(echo /run/whittle/bpf/*/"$recorder"-*)
check "its maps are there" '[ -d "$pins" ]'
check "doctor lists them and says how to remove them" '"$whittle" doctor | grep > /dev/null "rm -r.* $pins"'
rm "$pins/notes"
"$whittle" record -o "$file" -- /bin/true 2> "$folder/log"
check "the next start succeeds" '[ $? = 0 ]'
check "it says that they cannot be used" 'grep -q "cannot be used, and is dropped" "$folder/log"'
check "they are gone" '[ ! -e "$pins" ]'
check "that is a gap" '"$whittle" show --gaps "$file" | grep killed | grep > /dev/null "cannot be used"'
check "what the journal had is there" '"$whittle" show --calls "$file" | grep > /dev/null -E "sleep.*nanosleep"'
exit "$failures"
