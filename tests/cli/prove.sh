#!/usr/bin/env bash
# `whittle prove` as scripts see it. Usage: prove.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1 --cap none)

expect 0 '' "$whittle" prove docker-default docker-default "${target[@]}"
expect 1 '' "$whittle" prove docker-default allow-all "${target[@]}"

# Who reads a pipe gets every difference, and as many as --json has.
"$whittle" prove docker-default allow-all "${target[@]}" > all.tsv 2> all.err
"$whittle" prove docker-default allow-all "${target[@]}" --json > all.json 2> /dev/null
lines=$(wc -l < all.tsv)
checks=$((checks + 3))
[ "$lines" -gt 40 ] || fault "only $lines differences: too few to be cut off"
[ "$lines" = "$(grep -c '"change"' all.json)" ] || fault "$lines lines, --json has another number"
! grep -q 'more' all.err || fault 'a file was told of more differences'

# Numbers without a name that differ alike are one line.
says 1 1 '^looser	x86_64 #[0-9]+ to #1023	ERRNO\(38\) -> ALLOW	whatever the arguments$' "$whittle" prove docker-default allow-all "${target[@]}"

# One call that is too much to decide: the others are decided, it is named.
python3 - << 'P'
import json, random
def profile(name, seed, more):
    random.seed(seed)
    rules = [{"names": ["read"] + more, "action": "SCMP_ACT_ALLOW"}]
    for _ in range(60):
        pair = random.sample(range(6), 2)
        rules.append({"names": ["bpf"], "action": "SCMP_ACT_ALLOW",
                      "args": [{"index": i, "value": random.getrandbits(64), "op": "SCMP_CMP_EQ"} for i in pair]})
    json.dump({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules}, open(name, "w"))
profile("hard.json", 1, [])
profile("hard-other.json", 2, [])
profile("hard-more.json", 2, ["getpid"])
profile("hard-same.json", 1, ["getpid"])
P
plain=(--loader oci --runtime none --arch x86_64)
says 1 1 '^looser	x86_64 getpid	' "$whittle" prove hard.json hard-more.json "${plain[@]}"
says 1 1 '^undecided	x86_64 bpf	' "$whittle" prove hard.json hard-more.json "${plain[@]}"
says 1 0 'undecided' "$whittle" prove hard.json hard-same.json "${plain[@]}"
says 4 1 '^undecided	x86_64 bpf	' "$whittle" prove hard-more.json hard.json --looser "${plain[@]}"
says 4 1 '^undecided	x86_64 bpf	' "$whittle" prove hard.json hard-other.json "${plain[@]}"
json_is 'd["answer"] == "undecided" and [u["text"] for u in d["undecided"]] == ["x86_64 bpf"] and "nowhere_looser" not in d' \
  "$whittle" prove hard.json hard-other.json --json "${plain[@]}"

# A terminal gets the first 40, and the number of the others.
script -qec "'$whittle' prove docker-default allow-all ${target[*]}" /dev/null < /dev/null > terminal.txt
checks=$((checks + 2))
[ "$(grep -c $'^looser\t' terminal.txt)" = 40 ] || fault 'a terminal did not get 40 lines'
grep -q "and $((lines - 40)) more" terminal.txt || fault 'a terminal was not told how many more there are'

finish
